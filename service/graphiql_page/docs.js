// The schema pane: reads the schema by introspection and lets one walk from type to type.

const TYPE = `kind name ofType { kind name ofType { kind name ofType { kind name } } }`;
const SCHEMA = `query Schema { viewer { label institutionCode } __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name description
    fields(includeDeprecated: true) { name description isDeprecated deprecationReason
      args { name description defaultValue type { ${TYPE} } } type { ${TYPE} } }
    inputFields { name description defaultValue type { ${TYPE} } }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    interfaces { name } possibleTypes { name } } } }`;

function element(tag, content = [], extra = {}) {
  const node = Object.assign(document.createElement(tag), extra);
  node.append(...[content].flat());
  return node;
}

const named = (type) => (type.ofType ? named(type.ofType) : type.name);
function written(type) {
  if (type.kind === "NON_NULL") return `${written(type.ofType)}!`;
  return type.kind === "LIST" ? `[${written(type.ofType)}]` : type.name;
}

const signedInAs = (viewer) =>
  viewer ? `${viewer.label} at ${viewer.institutionCode ?? "the network"}` : "";

export class Docs {
  constructor({ ask, pane, filter, back, who }) {
    Object.assign(this, { ask, pane, filter, back, who, types: new Map(), trail: [] });
    filter.addEventListener("input", () => this.draw());
    back.addEventListener("click", () => {
      this.trail.pop();
      filter.value = "";
      this.draw();
    });
    this.draw();
  }

  async load() {
    this.types = new Map();
    this.message = "";
    try {
      const { status, answer } = await this.ask({ query: SCHEMA });
      this.who.textContent = status === 401 ? "not signed in" : signedInAs(answer.data?.viewer);
      this.who.classList.toggle("bad", status === 401);
      const schema = answer.data?.__schema;
      if (schema) {
        this.roots = [schema.queryType, schema.mutationType, schema.subscriptionType]
          .filter(Boolean).map((root) => root.name);
        this.types = new Map(schema.types.filter((t) => !t.name.startsWith("__")).map((t) => [t.name, t]));
      } else {
        this.message = answer.errors?.[0]?.message ?? `The schema was not answered (${status}).`;
      }
    } catch (error) {
      this.message = `The schema could not be read: ${error.message}`;
    }
    this.draw();
  }

  draw() {
    this.back.disabled = this.trail.length === 0;
    const wanted = this.filter.value.trim().toLowerCase();
    const type = this.types.get(this.trail.at(-1));
    if (!this.types.size) this.pane.replaceChildren(element("p", this.message || "Reading the schema…"));
    else if (wanted) this.pane.replaceChildren(...this.found(wanted));
    else if (type) this.pane.replaceChildren(...this.page(type));
    else this.pane.replaceChildren(...this.overview());
    this.pane.scrollTop = 0;
  }

  link(name, label = name) {
    return element("a", label, {
      href: "#",
      onclick: (event) => {
        event.preventDefault();
        this.trail.push(name);
        this.filter.value = "";
        this.draw();
      },
    });
  }

  overview() {
    const others = [...this.types.keys()].filter((name) => !this.roots.includes(name)).sort();
    return [
      element("h3", "Start here"), this.names(this.roots),
      element("h3", "All types"), this.names(others),
    ];
  }

  names(names) {
    return element("dl", names.map((name) => element("dt", this.link(name))));
  }

  found(wanted) {
    const hits = [];
    for (const type of this.types.values()) {
      if (type.name.toLowerCase().includes(wanted)) hits.push(element("dt", this.link(type.name)));
      for (const field of [...(type.fields ?? []), ...(type.inputFields ?? []), ...(type.enumValues ?? [])]) {
        if (field.name.toLowerCase().includes(wanted)) {
          hits.push(element("dt", this.link(type.name, `${type.name}.${field.name}`)));
        }
      }
    }
    return [element("h3", `${hits.length} found`), element("dl", hits.slice(0, 200))];
  }

  page(type) {
    const parts = [element("h2", type.name), element("p", type.description ?? "")];
    const lists = [["Fields", type.fields], ["Input fields", type.inputFields], ["Values", type.enumValues]];
    for (const [title, members] of lists) {
      if (members?.length) {
        parts.push(element("h3", title), element("dl", members.flatMap((member) => this.member(member))));
      }
    }
    for (const [title, related] of [["Is a", type.interfaces], ["May be", type.possibleTypes]]) {
      if (related?.length) parts.push(element("h3", title), this.names(related.map((one) => one.name)));
    }
    return parts;
  }

  member(member) {
    const title = element("dt", element("span", member.name, { className: member.isDeprecated ? "old" : "" }));
    if (member.args?.length) {
      const args = member.args.flatMap((arg, place) => [
        place ? ", " : "", element("span", `${arg.name}: `, { title: arg.description ?? "" }), this.typed(arg),
      ]);
      title.append("(", ...args, ")");
    }
    if (member.type) title.append(": ", this.typed(member));
    const notes = [member.description, member.isDeprecated && `Deprecated. ${member.deprecationReason ?? ""}`];
    return [title, ...notes.filter(Boolean).map((note) => element("dd", note))];
  }

  typed(member) {
    const fallback = member.defaultValue == null ? "" : ` = ${member.defaultValue}`;
    const text = written(member.type) + fallback;
    return this.types.has(named(member.type)) ? this.link(named(member.type), text) : element("span", text);
  }
}
