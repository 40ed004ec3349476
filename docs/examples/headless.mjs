// Runs a flow without any of our pages, with plain JavaScript: on one of the site's own pages (its
// origin must be listed for the site), or with Node 18 and newer:
//
//   node headless.mjs https://q.example.com SITE_KEY

export const PERSON = {
  goal: { value: "grow" },
  challenge: { text: "The close takes nine days and three people" },
  job_title: { value: "CFO" },
  company_size: { text: "around 250 people" },
  timeline: { value: "quarter" },
  email: { value: "ana@nordwind.example" },
};

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

// One call, sent again where it was lost or there is a Retry-After (409, 429, 503), always with the
// same Idempotency-Key: done once, however often it is sent.
async function call(base, path, body, token) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": random() };
  if (token) headers.Authorization = `Bearer ${token}`;
  for (const pause of [1, 4, 16, null]) {
    const sent = { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" };
    const response = await fetch(`${base}/api/v1${path}`, sent).catch((lost) => {
      if (pause === null) throw lost;
    });
    const away = !response || [502, 504].includes(response.status) ? pause : null;
    const later = response?.headers.get("Retry-After") ?? away;
    if (later === null || pause === null) {
      return { status: response.status, answer: await response.json() };
    }
    await wait(Number(later));
  }
}

// Also where a page is not served by https and has no crypto.randomUUID.
function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}

// Answer until there is nothing left to ask; how it ended.
export async function run(base, site, person = PERSON) {
  const begun = await call(base, "/conversations", { flow: "demo-request", site });
  if (begun.status !== 201) throw new Error(`${begun.answer.detail} ${JSON.stringify(begun.answer.errors)}`);
  const { conversation, token } = begun.answer;
  let { state } = begun.answer;
  while (state.question) {
    const { id, ask } = state.question;
    const body = { question: id, ...(person[id] ?? { skip: true }) };
    const { status, answer } = await call(base, `/conversations/${conversation}/answers`, body, token);
    // 409: another question is put by now, and state says which.
    if (status !== 200 && status !== 409) throw new Error(`${ask} ${answer.detail}`);
    ({ state } = answer);
  }
  return state.ending;
}

if (globalThis.process?.argv?.[3]) {
  const [, , base, site] = process.argv;
  console.log((await run(base, site)).text);
}
