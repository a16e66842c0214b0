// A file dropped on the page is as good as a chosen one; and copying the address of a form.
(() => {
  const form = document.querySelector("[data-drop-form]");
  if (form) {
    const area = form.querySelector("[data-drop]");
    const input = form.querySelector("input[type='file']");
    const name = form.querySelector("[data-drop-name]");
    const progress = form.querySelector("[data-drop-progress]");
    const fault = form.querySelector("#fault");

    function chosen() {
      const file = input.files[0];
      if (!file) return;
      name.textContent = file.name;
      fault.replaceChildren();
      if (file.size > Number(form.dataset.most)) {
        const note = document.createElement("div");
        note.className = "note note-bad";
        note.setAttribute("role", "alert");
        note.textContent = form.dataset.tooLarge;
        fault.append(note);
        input.value = "";
        return;
      }
      form.requestSubmit();
    }
    input.addEventListener("change", chosen);
    for (const kind of ["dragenter", "dragover"]) {
      document.addEventListener(kind, (event) => {
        event.preventDefault();
        area.classList.add("is-over");
      });
    }
    for (const kind of ["dragleave", "drop"]) {
      document.addEventListener(kind, () => area.classList.remove("is-over"));
    }
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      chosen();
    });
    form.addEventListener("htmx:xhr:progress", (event) => {
      if (!event.detail.lengthComputable || !event.detail.total) return;
      const share = Math.round((100 * event.detail.loaded) / event.detail.total);
      progress.hidden = false;
      progress.querySelector("progress").value = share;
      progress.querySelector("[data-drop-share]").textContent = `${share}%`;
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful) return;
      progress.hidden = true;
      input.value = "";
    });
  }
})();
