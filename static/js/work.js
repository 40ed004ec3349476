// Where a site asks for it: a little work before the first answer. Looks for a number so that SHA-256 of the
// page's stamp and the number begins with zeros. Our own SHA-256, of one block: the browser's is missing on
// plain http, and slower for many short texts.
(() => {
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((each) => n % each)) primes.push(n);
  const fraction = (root) => (root % 1) * 2 ** 32 | 0;
  const K = Int32Array.from(primes, (each) => fraction(Math.cbrt(each)));
  const START = Int32Array.from(primes.slice(0, 8), (each) => fraction(Math.sqrt(each)));
  const block = new DataView(new ArrayBuffer(64)), w = new Int32Array(64);
  const turned = (x, by) => (x >>> by) | (x << (32 - by));

  const zeros = (text) => {
    for (let i = 0; i < 60; i++) block.setUint8(i, i < text.length ? text.charCodeAt(i) : i === text.length ? 128 : 0);
    block.setUint32(60, text.length * 8);
    for (let i = 0; i < 16; i++) w[i] = block.getInt32(i * 4);
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      w[i] = w[i - 16] + (turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)) + w[i - 7] + (turned(y, 17) ^ turned(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = START;
    for (let i = 0; i < 64; i++) {
      const one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
      const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    return Math.clz32(a + START[0]);
  };

  // In slices that no touch or key has to wait for, while the person reads.
  const found = {};
  const look = (asked, enough) => new Promise((done) => {
    let n = 0;
    const slice = () => {
      for (const until = performance.now() + 8; performance.now() < until;) {
        for (let i = 0; i < 32; i++, n++) if (zeros(`${asked}:${n}`) >= enough) return done(n);
      }
      setTimeout(slice);
    };
    setTimeout(slice);
  });
  const wanted = () => {
    const turn = document.querySelector("#turn[data-work]");
    const asked = turn?.querySelector("[name=turn]")?.value.split(".").pop();
    if (asked) found[asked] ||= look(asked, Number(turn.dataset.work)).then((n) => { found[asked] = String(n); });
    return found[asked];
  };
  wanted();

  // Who is quicker than the work waits for what is left of it.
  let held = false;
  const sending = document.querySelector(".sending");
  addEventListener("submit", async (event) => {
    const work = wanted();
    if (!(work instanceof Promise)) return;
    event.preventDefault();
    event.stopPropagation();
    if (held) return;
    held = true;
    sending.hidden = false;
    await work;
    held = false;
    sending.hidden = true;
    if (event.target.isConnected) event.target.requestSubmit(event.submitter);
  }, true);
  addEventListener("formdata", ({ formData }) => {
    const number = wanted();
    if (typeof number === "string") formData.set("work", number);
  });
})();
