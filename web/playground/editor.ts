/** The editor: CodeMirror with Lua, and squiggles where something is wrong. */

import { autocompletion, closeBrackets, closeBracketsKeymap, completeAnyWord, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { lua as legacyLua } from "@codemirror/legacy-modes/mode/lua";
import { type Diagnostic, linter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Text } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, type KeyBinding, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import type { Problem } from "./protocol.ts";

/** CodeMirror's Lua is that of 5.1: it does not know `goto`. */
const language = StreamLanguage.define({
  ...legacyLua,
  token(stream, state) {
    const style = legacyLua.token(stream, state);
    return style === "variable" && stream.current() === "goto" ? "keyword" : style;
  },
});

const highlighting = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.standard(tags.variableName), tags.standard(tags.name)], color: "var(--code-library)" },
  { tag: tags.atom, color: "var(--code-number)" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "transparent", color: "var(--ink)", fontSize: "var(--code-size)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.65", fontVariantLigatures: "none", overscrollBehavior: "contain" },
  ".cm-content": { padding: "14px 0 40vh", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0 20px 0 10px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none", paddingLeft: "6px" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 8px 0 12px", minWidth: "38px" },
  ".cm-activeLine": { backgroundColor: "var(--line-wash)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--muted)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  ".cm-selectionMatch": { backgroundColor: "var(--selection-match)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selection)", outline: "none" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--error) 1.5px",
    textDecorationSkipInk: "none",
    textUnderlineOffset: "4px",
  },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--error)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "8px", boxShadow: "var(--shadow)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", fontSize: "13px", padding: "8px 12px", borderLeft: "3px solid var(--error)" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-textfield": { backgroundColor: "var(--paper)", border: "1px solid var(--line)", borderRadius: "6px", color: "var(--ink)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--paper)", border: "1px solid var(--line)", borderRadius: "6px", color: "var(--ink)" },
});

/** What the editor wants of the page. */
export interface EditorOptions {
  source: string;
  keys: readonly KeyBinding[];
  /** What is wrong with a program as it stands; asked for while somebody types. */
  check(source: string): Promise<Problem | undefined>;
  changed(source: string): void;
}

export class Editor {
  private readonly view: EditorView;

  constructor(place: HTMLElement, { source, keys, check, changed }: EditorOptions) {
    // Inside a shadow root the editor's styles are a style sheet object, which no content security policy is against.
    const root = place.attachShadow({ mode: "open" });
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: source,
        extensions: [
          lineNumbers(),
          highlightActiveLineGutter(),
          highlightSpecialChars(),
          history(),
          drawSelection(),
          indentOnInput(),
          indentUnit.of("  "),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [completeAnyWord], activateOnTyping: false }),
          highlightActiveLine(),
          highlightSelectionMatches(),
          language,
          syntaxHighlighting(highlighting),
          linter(
            async (view) => {
              const problem = await check(view.state.doc.toString());
              return problem === undefined ? [] : [diagnostic(view.state.doc, problem)];
            },
            { delay: 350 },
          ),
          EditorView.contentAttributes.of({ "aria-label": "Lua program", autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
          keymap.of([...keys, ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
          theme,
        ],
      }),
    });
  }

  get source(): string {
    return this.view.state.doc.toString();
  }

  /** Replaces the program; undoing brings the one before back. */
  set source(source: string) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: source }, selection: { anchor: 0 }, scrollIntoView: true });
    this.mark(undefined);
  }

  /** Shows what is wrong, or that nothing is. */
  mark(problem: Problem | undefined): void {
    const found = problem?.line === undefined ? [] : [diagnostic(this.view.state.doc, problem)];
    this.view.dispatch(setDiagnostics(this.view.state, found));
  }

  /** Puts the cursor on a line. */
  goTo(line: number, column = 1): void {
    const { doc } = this.view.state;
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const anchor = Math.min(at.from + column - 1, at.to);
    this.view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    this.view.focus();
  }

  focus(): void {
    this.view.focus();
  }
}

/** Where a problem is in the text: at its column, at the name that its message speaks of, or all over its line. */
export function diagnostic(doc: Text, { message, line = 1, column }: Problem): Diagnostic {
  const said = message.replace(/^main\.lua:\d+: /, "");
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const indented = at.text.length - at.text.trimStart().length;
  const whole = { from: at.from + indented, to: at.from + Math.max(at.text.trimEnd().length, indented) };
  let { from, to } = whole;
  if (column !== undefined) {
    from = Math.min(at.from + column - 1, at.to);
    const near = /near '(.*)'$/s.exec(said)?.[1];
    // What is no token is shown as a number.
    const isShown = near !== undefined && near !== "<eof>" && !/^<\\\d+>$/.test(near);
    to = Math.min(from + (isShown ? near.length : 1), at.to);
    // Behind the last character there is nothing to underline.
    if (from === to) ({ from, to } = from > whole.from ? { from: from - 1, to: from } : whole);
  } else {
    const name = /\((?:global|local|field|method|upvalue|constant) '([^']+)'\)/.exec(said)?.[1];
    const where = name === undefined ? -1 : wordIn(at.text, name);
    if (name !== undefined && where >= 0) {
      from = at.from + where;
      to = from + name.length;
    }
  }
  return { from, to, severity: "error", message: said };
}

function wordIn(text: string, word: string): number {
  const isWord = (c: string | undefined): boolean => c !== undefined && /\w/.test(c);
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + word.length])) return at;
  }
  return -1;
}
