// Asks the browser to make a passkey or to prove one, and sends what it says with the form around it.
(() => {
  const form = document.querySelector("form[data-passkey]");
  const refused = form.querySelector("[data-refused]");
  const options = JSON.parse(form.dataset.options);

  const answer = () => form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });

  const ask = async () => {
    refused.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await answer());
      form.submit();
    } catch {
      refused.hidden = false;
    }
  };

  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  ask();
})();
