// The rule builder: a condition as rows of field, operator and value, in groups. What is clicked together
// stands as JSON in a hidden field; half-filled rows are left out of it until they are whole.
(() => {
  const LISTS = ["in", "not_in", "has_any", "has_all"];
  const BARE = ["is_set", "is_empty"];
  const NUMBERS = ["number", "money", "days", "count"];
  const PAUSE_MS = 250;

  function make(tag, properties = {}, ...children) {
    const { data = {}, aria = "", ...rest } = properties;
    const made = Object.assign(document.createElement(tag), rest);
    Object.assign(made.dataset, data);
    if (aria) made.setAttribute("aria-label", aria);
    made.append(...children.filter(Boolean));
    return made;
  }
  function option(value, label, selected) {
    return make("option", { value, textContent: label, selected: selected === value });
  }
  function icon(name) {
    const sprite = document.querySelector("svg.icon use").getAttribute("href").split("#")[0];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [key, value] of Object.entries({ class: "icon", width: 16, height: 16, "aria-hidden": "true" })) svg.setAttribute(key, value);
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${sprite}#${name}`);
    svg.append(use);
    return svg;
  }

  // --- JSON and back: a node is a leaf {field, op, value, days} or a group {join, parts} ----------
  function read(json) {
    if (json && json.field) return { ...json };
    if (json && json.not) {
      const inner = read(json.not);
      if (inner.field) return { join: "neither", parts: [inner] };
      const flipped = { all: "none", any: "neither", none: "all", neither: "any" }[inner.join];
      return { join: flipped, parts: inner.parts };
    }
    const join = json && json.any ? "any" : "all";
    return { join, parts: ((json && (json.any || json.all)) || []).map(read) };
  }
  function whole(leaf) {
    if (!leaf.field || !leaf.op) return false;
    if (BARE.includes(leaf.op)) return true;
    if (Array.isArray(leaf.value)) return leaf.value.length > 0 && leaf.value.every((one) => one !== "" && one !== null);
    return leaf.value !== undefined && leaf.value !== "" && leaf.value !== null;
  }
  function write(node, top = false) {
    if (!node.parts) {
      if (!whole(node)) return null;
      const leaf = { field: node.field, op: node.op };
      if (!BARE.includes(node.op)) leaf.value = node.value;
      if (node.days) leaf.days = node.days;
      return leaf;
    }
    const parts = node.parts.map((part) => write(part)).filter(Boolean);
    if (!parts.length) return null;
    const alone = parts.length === 1 && !top; // one part needs no group around it
    const group = alone ? parts[0] : ["any", "neither"].includes(node.join) ? { any: parts } : { all: parts };
    return ["none", "neither"].includes(node.join) ? { not: group } : group;
  }

  class Builder {
    constructor(root) {
      this.root = root;
      const told = JSON.parse(document.getElementById(root.dataset.rules).textContent);
      Object.assign(this, told);
      this.fields = Object.fromEntries(told.groups.flatMap((group) => group.fields.map((field) => [field.name, field])));
      this.input = root.querySelector("[data-rules-value]");
      this.place = root.querySelector("[data-rules-tree]");
      this.tree = read(JSON.parse(this.input.value || "{}"));
      if (!this.tree.parts) this.tree = { join: "all", parts: [this.tree] };
      if (!this.tree.parts.length) this.tree.parts.push(this.fresh());
      this.draw();
      this.tell(true);
    }

    draw() { this.place.replaceChildren(this.group(this.tree, null)); }

    tell(now = false) {
      this.input.value = JSON.stringify(write(this.tree, this.tree.join === "all") || {});
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
      clearTimeout(this.timer);
      const url = this.root.dataset.preview;
      if (!url) return;
      this.timer = setTimeout(() => {
        const target = document.getElementById(`${this.root.dataset.rules}-preview`);
        if (target) htmx.ajax("GET", url, { target, swap: "innerHTML", values: { where: this.input.value }, source: target });
      }, now ? 0 : PAUSE_MS);
    }

    redraw(node) {
      this.draw();
      this.tell();
      const rows = [...this.place.querySelectorAll("[data-rule]")];
      rows.find((row) => row.node === node)?.querySelector("select, input")?.focus();
    }

    group(node, parent) {
      const { words } = this;
      const join = make("select", { className: "form-select rules-join", aria: words.group });
      join.append(...["all", "any", "none", "neither"].map((key) => option(key, words[key], node.join)));
      join.addEventListener("change", () => { node.join = join.value; this.tell(); });
      const head = make("div", { className: "rules-head" }, join, parent && this.remover(node, parent));
      const parts = node.parts.map((part) => (part.parts ? this.group(part, node) : this.leaf(part, node)));
      const add = this.button(words.add, "plus", () => { const leaf = this.fresh(); node.parts.push(leaf); this.redraw(leaf); });
      const nest = this.depth(node) < 4 && this.button(words.add_group, "list", () => {
        const leaf = this.fresh();
        node.parts.push({ join: node.join === "any" ? "all" : "any", parts: [leaf] });
        this.redraw(leaf);
      });
      return make("div", { className: parent ? "rule-group" : "rule-group rule-group-top" }, head, ...parts, make("div", { className: "rules-foot" }, add, nest));
    }
    depth(node, from = this.tree, at = 1) {
      if (from === node) return at;
      return Math.max(0, ...(from.parts || []).map((part) => this.depth(node, part, at + 1)));
    }
    fresh() {
      const field = this.fields.grade || Object.values(this.fields)[0];
      return { field: field.name, op: field.offered[0], value: LISTS.includes(field.offered[0]) ? [] : "" };
    }
    button(text, sign, action) {
      const made = make("button", { type: "button", className: "btn btn-quiet" }, icon(sign), text);
      made.addEventListener("click", action);
      return made;
    }
    remover(node, parent) {
      const made = make("button", { type: "button", className: "btn btn-icon", aria: this.words.remove }, icon("x"));
      made.addEventListener("click", () => { parent.parts.splice(parent.parts.indexOf(node), 1); this.redraw(); });
      return made;
    }

    leaf(node, parent) {
      const known = this.fields[node.field] || { name: node.field, label: node.field, kind: "text", ops: [node.op], offered: [node.op], choices: [] };
      const field = make("select", { className: "form-select", aria: this.words.field });
      for (const group of this.groups) {
        field.append(make("optgroup", { label: group.label }, ...group.fields.map((one) => option(one.name, one.label, node.field))));
      }
      if (!this.fields[node.field]) field.prepend(option(node.field, node.field, node.field));
      field.addEventListener("change", () => {
        const chosen = this.fields[field.value];
        for (const key of ["value", "days"]) delete node[key];
        Object.assign(node, { field: chosen.name, op: chosen.offered[0] });
        if (LISTS.includes(node.op)) node.value = [];
        if (chosen.kind === "boolean") node.value = true;
        this.redraw(node);
      });
      const op = make("select", { className: "form-select", aria: this.words.operator });
      const offered = known.offered.includes(node.op) ? known.offered : [node.op, ...known.offered];
      op.append(...offered.map((name) => option(name, this.ops[name] || name, node.op)));
      op.addEventListener("change", () => {
        const was = [node.value].flat().filter((one) => one !== undefined && one !== "");
        node.op = op.value;
        if (BARE.includes(node.op)) delete node.value;
        else if (LISTS.includes(node.op)) node.value = was;
        else if (node.op === "between") node.value = [was[0] ?? "", was[1] ?? ""];
        else node.value = was[0] ?? "";
        this.redraw(node);
      });
      const row = make("div", { className: "rule-row", data: { rule: "" } }, field, op, this.value(node, known), this.remover(node, parent));
      row.node = node;
      return row;
    }

    value(node, field) {
      const box = make("div", { className: "rules-value" });
      if (BARE.includes(node.op)) return box;
      const set = (value) => { node.value = value; this.tell(); };
      if (node.op === "between") {
        const ends = [0, 1].map((at) => this.input_(field, node.value?.[at], (value) => { const both = [...(node.value || ["", ""])]; both[at] = value; set(both); }));
        box.append(ends[0], make("span", { className: "text-3", textContent: this.words.and }), ends[1]);
      } else if (node.op.endsWith("in_last_days")) {
        box.append(this.input_({ kind: "days" }, node.value, set), make("span", { className: "text-3", textContent: this.words.days }));
      } else if (field.choices.length && LISTS.includes(node.op)) {
        box.append(this.choices(node, field, set));
      } else if (field.choices.length) {
        box.append(this.select([["", "…"], ...field.choices.map((one) => [one.value, one.label])], node.value, set));
      } else if (["boolean", "role"].includes(field.kind)) {
        box.append(this.select([["true", this.words.yes], ["false", this.words.no]], String(node.value ?? true), (value) => set(value === "true")));
      } else if (LISTS.includes(node.op)) {
        box.append(this.several(node, field, set));
      } else box.append(this.input_(field, node.value, set));
      if (field.kind === "count") box.append(this.window(node));
      return box;
    }
    select(pairs, value, set) {
      const made = make("select", { className: "form-select", aria: this.words.value, required: true });
      made.append(...pairs.map(([key, label]) => option(key, label, value)));
      made.addEventListener("change", () => set(made.value));
      return made;
    }
    input_(field, value, set) {
      const number = NUMBERS.includes(field.kind);
      const type = number ? "number" : ["date", "time"].includes(field.kind) ? "date" : "text";
      const shown = type === "date" ? String(value ?? "").slice(0, 10) : value?.amount ?? value ?? "";
      const made = make("input", { type, value: shown, className: "form-control", aria: this.words.value, required: true, autocomplete: "off" });
      if (number) made.step = "any";
      if (["days", "count"].includes(field.kind)) made.min = 0;
      this.suggest(made, field);
      made.addEventListener("input", () => set(number && made.value !== "" ? Number(made.value) : made.value));
      return made;
    }
    several(node, field, set) {
      const number = NUMBERS.includes(field.kind);
      const made = make("input", { type: "text", className: "form-control", value: (node.value || []).join(", "), placeholder: this.words.several, aria: this.words.value, required: true, autocomplete: "off" });
      // A list of suggestions answers for the whole text: what stands before the last comma is kept in front.
      const before = () => /^(.*[,，、]\s*)?/.exec(made.value)[0];
      this.suggest(made, field, before);
      made.addEventListener("input", () => {
        const words = made.value.split(/[,，、]/).map((word) => word.trim()).filter(Boolean);
        set(number ? words.map(Number) : words);
      });
      return made;
    }
    // What is known at once, then what the server finds for the text; `before` of it is kept in front.
    suggest(input, field, before = () => "") {
      const asked = this.answered.includes(field.name);
      let names = this.names[field.name] || [];
      if (!names.length && !asked) return;
      const list = make("datalist", { id: `${this.root.dataset.rules}-${field.name}-${(this.lists = (this.lists || 0) + 1)}` });
      const offer = () => {
        const front = before();
        const taken = front.split(/[,，、]/).map((word) => word.trim());
        list.replaceChildren(...names.filter((name) => !taken.includes(name)).map((name) => make("option", { value: front + name })));
      };
      const ask = async (typed) => {
        const answer = await fetch(`${this.values}?${new URLSearchParams({ field: field.name, q: typed })}`);
        if (!answer.ok || typed !== input.value.slice(before().length).trim()) return;
        names = [...new Set([...(await answer.json()).values, ...names])];
        offer();
      };
      let timer;
      input.addEventListener("focus", offer);
      input.addEventListener("input", () => {
        offer();
        clearTimeout(timer);
        const typed = input.value.slice(before().length).trim();
        if (asked && typed) timer = setTimeout(() => ask(typed), PAUSE_MS);
      });
      this.root.append(list);
      input.setAttribute("list", list.id);
    }
    choices(node, field, set) {
      const boxes = make("div", { className: "rules-choices", role: "group", aria: field.label });
      for (const { value, label } of field.choices) {
        const box = make("input", { type: "checkbox", checked: (node.value || []).includes(value) });
        box.addEventListener("change", () => set(field.choices.map((one) => one.value).filter((one) => (one === value ? box.checked : (node.value || []).includes(one)))));
        boxes.append(make("label", { className: "rules-choice" }, box, make("span", { textContent: label })));
      }
      return boxes;
    }
    window(node) {
      const made = make("input", { type: "number", min: 1, className: "form-control rules-window", value: node.days ?? "", placeholder: this.words.ever, aria: this.words.window, title: this.words.window });
      made.addEventListener("input", () => { if (made.value) node.days = Number(made.value); else delete node.days; this.tell(); });
      return made;
    }
  }

  function begin(root) {
    for (const place of root.querySelectorAll("[data-rules]")) {
      if (!place.builder) place.builder = new Builder(place);
    }
  }
  document.addEventListener("DOMContentLoaded", () => begin(document));
  document.body?.addEventListener("htmx:afterSettle", (event) => begin(event.target));
})();
