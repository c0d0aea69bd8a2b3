/** The pane that shows what a program writes, as it comes. */

/** Most characters that are shown: what came first goes first. */
const MOST = 200_000;

export class OutputPane {
  private readonly place: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly goTo: (line: number) => void;
  private shown = 0;
  private last: { element: HTMLElement; isError: boolean } | undefined;
  /** What was written since the last frame. */
  private waiting: { text: string; isError: boolean }[] = [];

  constructor(place: HTMLElement, scroller: HTMLElement, goTo: (line: number) => void) {
    this.place = place;
    this.scroller = scroller;
    this.goTo = goTo;
  }

  /** Whether nothing is shown. */
  get isEmpty(): boolean {
    return !this.place.hasChildNodes();
  }

  clear(): void {
    this.place.replaceChildren();
    this.waiting = [];
    this.shown = 0;
    this.last = undefined;
  }

  write(text: string, isError: boolean): void {
    this.waiting.push({ text, isError });
    if (this.waiting.length === 1) requestAnimationFrame(() => this.flush());
    // In a page that nobody sees there are no frames.
    if (this.waiting.length > 100) this.flush();
  }

  /** Shows what waits for the next frame. */
  flush(): void {
    if (this.waiting.length === 0) return;
    const isAtEnd = this.scroller.scrollTop + this.scroller.clientHeight > this.scroller.scrollHeight - 40;
    for (const { text, isError } of this.waiting.splice(0)) {
      if (this.last === undefined || this.last.isError !== isError) {
        const element = document.createElement("span");
        if (isError) element.className = "stderr";
        this.place.append(element);
        this.last = { element, isError };
      }
      this.last.element.append(text);
      this.shown += text.length;
    }
    if (this.shown > MOST) this.forget();
    if (isAtEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  private forget(): void {
    while (this.shown > MOST) {
      const first = this.place.querySelector("span:not(.note)");
      const text = first?.firstChild;
      if (first === null || text === null || text === undefined) return;
      this.shown -= text.textContent?.length ?? 0;
      text.remove();
      if (first.firstChild === null && first !== this.last?.element) first.remove();
    }
    if (this.place.querySelector(".note") === null) {
      const note = document.createElement("span");
      note.className = "note";
      note.textContent = "… the beginning is not shown any more\n";
      this.place.prepend(note);
    }
  }

  /** Shows an error, with lines of the program that can be gone to. */
  fail(message: string, traceback: string | undefined): void {
    this.flush();
    const box = document.createElement("div");
    box.className = "failure";
    box.setAttribute("role", "alert");
    const said = document.createElement("p");
    this.linked(said, message);
    box.append(said);
    if (traceback !== undefined && traceback.split("\n").length > 2) {
      const calls = document.createElement("pre");
      this.linked(calls, traceback);
      box.append(calls);
    }
    this.place.append(box);
    this.last = undefined;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  note(text: string): void {
    this.flush();
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = text;
    this.place.append(note);
    this.last = undefined;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Text in which places of the program are buttons. */
  private linked(place: HTMLElement, text: string): void {
    let at = 0;
    for (const match of text.matchAll(/main\.lua:(\d+)/g)) {
      place.append(text.slice(at, match.index));
      const link = document.createElement("button");
      link.className = "place";
      link.textContent = match[0];
      link.onclick = () => this.goTo(Number(match[1]));
      place.append(link);
      at = match.index + match[0].length;
    }
    place.append(text.slice(at));
  }
}
