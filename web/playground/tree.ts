/** Values as a tree that can be opened: with the mouse, or with the arrow keys. */

import { type Described, type Entry, PIECE } from "./protocol.ts";

/** A table with so many entries at most is opened where it is all that there is to see. */
const FEW = 24;
/** The path of the first result. */
const FIRST = "\u00000";

/** A line of the tree before it is shown; results have no names. */
export interface Line {
  name?: string;
  value: Described;
}

export class Tree {
  private readonly place: HTMLElement;
  private readonly entriesOf: (table: number, from: number) => Promise<Entry[]>;
  /** What is open, and what was shown last, by path. */
  private readonly open = new Set<string>();
  /** What somebody has closed. */
  private readonly closed = new Set<string>();
  private texts = new Map<string, string>();
  private generation = 0;

  constructor(place: HTMLElement, label: string, entriesOf: (table: number, from: number) => Promise<Entry[]>) {
    this.place = place;
    this.entriesOf = entriesOf;
    place.setAttribute("role", "tree");
    place.setAttribute("aria-label", label);
    place.addEventListener("keydown", (event) => this.key(event));
  }

  /** Shows these lines, and opens again what was open; with `flash`, what is new or different is marked. */
  async show(lines: readonly Line[], flash: boolean, more = 0): Promise<void> {
    const generation = ++this.generation;
    const before = this.texts;
    const texts = new Map<string, string>();
    const focused = (this.place.getRootNode() as Document).activeElement?.closest("li")?.dataset.path;
    const items = document.createDocumentFragment();
    const [only] = lines;
    const isFew = (n = 0): boolean => n > 0 && n <= FEW;
    if (lines.length === 1 && only.name === undefined && isFew(only.value.count) && !this.closed.has(FIRST)) this.open.add(FIRST);
    const fill = async (parent: Node, lines: readonly Line[], path: string, depth: number): Promise<void> => {
      for (const [i, line] of lines.entries()) {
        const own = `${path}\0${line.name ?? i}`;
        const item = this.item(line, own, depth);
        texts.set(own, line.value.text);
        if (flash && before.get(own) !== line.value.text) item.classList.add("changed");
        parent.appendChild(item);
        // What leads back to itself is opened a few times only.
        if (this.open.has(own) && line.value.id !== undefined && depth < 20) {
          const group = opened(item);
          const entries = await this.entriesOf(line.value.id, 1).catch(() => []);
          if (generation !== this.generation) return;
          await fill(group, entries, own, depth + 1);
          this.rest(group, line.value, own, depth + 1, entries.length);
        }
      }
    };
    await fill(items, lines, "", 0);
    if (generation !== this.generation) return;
    if (more > 0) items.append(note(`… and ${more} more`));
    this.texts = texts;
    this.place.replaceChildren(items);
    const all = [...this.place.querySelectorAll<HTMLElement>("li[role=treeitem]")];
    const first = all.find((item) => item.dataset.path === focused);
    this.select(first ?? all[0]);
    if (focused !== undefined) first?.focus();
  }

  private item({ name, value }: Line, path: string, depth: number): HTMLLIElement {
    const item = document.createElement("li");
    item.setAttribute("role", "treeitem");
    item.tabIndex = -1;
    item.dataset.path = path;
    item.style.setProperty("--depth", String(depth));
    const row = document.createElement("div");
    row.className = "row";
    row.append(span("twist", ""));
    if (name !== undefined) row.append(span("name", name), span("is", " = "));
    row.append(span(`value ${value.kind}`, value.text));
    if (value.kind === "table" && value.count !== undefined && value.count > 4) row.append(span("count", `${value.count}${value.count >= 100_000 ? "+" : ""}`));
    if (value.hasMetatable === true) row.append(span("count", "metatable"));
    item.append(row);
    if (value.id !== undefined && value.count !== 0) {
      item.setAttribute("aria-expanded", "false");
      row.onclick = () => void this.toggle(item, value, path, depth);
    }
    row.addEventListener("click", () => this.select(item, true));
    return item;
  }

  private async toggle(item: HTMLElement, value: Described, path: string, depth: number): Promise<void> {
    if (this.open.delete(path)) {
      this.closed.add(path);
      item.setAttribute("aria-expanded", "false");
      item.querySelector("ul")?.remove();
      return;
    }
    this.open.add(path);
    const group = opened(item);
    await this.append(group, value, path, depth + 1, 1);
  }

  private async append(group: HTMLElement, value: Described, path: string, depth: number, from: number): Promise<void> {
    try {
      const entries = await this.entriesOf(value.id ?? 0, from);
      group.append(...entries.map((entry) => this.item(entry, `${path}\0${entry.name}`, depth)));
      this.rest(group, value, path, depth, from - 1 + entries.length);
    } catch {
      group.append(note("not there any more: run the program again"));
    }
  }

  /** A button for entries that are not shown yet. */
  private rest(group: HTMLElement, value: Described, path: string, depth: number, shown: number): void {
    const left = (value.count ?? 0) - shown;
    if (left <= 0 || shown === 0) return;
    const item = document.createElement("li");
    item.setAttribute("role", "none");
    const button = document.createElement("button");
    button.className = "more";
    button.textContent = `${Math.min(left, PIECE)} more of ${left}`;
    button.onclick = () => {
      item.remove();
      void this.append(group, value, path, depth, shown + 1);
    };
    item.append(button);
    group.append(item);
  }

  private select(item: HTMLElement | undefined, focus = false): void {
    for (const old of this.place.querySelectorAll<HTMLElement>("[tabindex='0']")) old.tabIndex = -1;
    if (item === undefined) return;
    item.tabIndex = 0;
    if (focus) item.focus();
  }

  private key(event: KeyboardEvent): void {
    const item = (event.target as HTMLElement).closest<HTMLElement>("li[role=treeitem]");
    if (item === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = [...this.place.querySelectorAll<HTMLElement>("li[role=treeitem]")];
    const at = all.indexOf(item);
    const expanded = item.getAttribute("aria-expanded");
    const row = item.querySelector<HTMLElement>(".row");
    const moves: Record<string, () => void> = {
      ArrowDown: () => this.select(all[at + 1] ?? item, true),
      ArrowUp: () => this.select(all[at - 1] ?? item, true),
      Home: () => this.select(all[0], true),
      End: () => this.select(all.at(-1), true),
      ArrowRight: () => (expanded === "false" ? row?.click() : expanded === "true" && this.select(all[at + 1] ?? item, true)),
      ArrowLeft: () => (expanded === "true" ? row?.click() : this.select(item.parentElement?.closest<HTMLElement>("li[role=treeitem]") ?? item, true)),
      Enter: () => expanded !== null && row?.click(),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  }
}

function opened(item: HTMLElement): HTMLElement {
  item.setAttribute("aria-expanded", "true");
  const group = document.createElement("ul");
  group.setAttribute("role", "group");
  item.append(group);
  return group;
}

function span(className: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

function note(text: string): HTMLElement {
  const item = document.createElement("li");
  item.className = "note";
  item.textContent = text;
  return item;
}
