/**
 * CodeMirror as the editor of a draft's text.
 *
 * It stands in a shadow tree: there its styles are sheets made by script, which our content security policy allows,
 * where the style elements that it makes elsewhere are refused.
 */

import { autocompletion, type CompletionContext, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Annotation, EditorState, Transaction } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Completions } from "../../domain/draft/complete";
import type { Hover } from "../../domain/draft/hover";
import { inOrder, type Splice } from "../../domain/draft/text";

export interface EditorHooks {
  onSplices(splices: readonly Splice[]): void;
  onCursor(offset: number): void;
  onUndo(): void;
  onRedo(): void;
  complete(text: string, offset: number): Completions | null;
  hover(text: string, offset: number): Hover | null;
}

export interface Mark {
  from: number;
  to: number;
  severity: "error" | "warning";
  message: string;
}

export interface YamlEditor {
  /** Bring the text to what it is now; the cursor stays where it was in it. */
  show(text: string): void;
  mark(marks: readonly Mark[]): void;
  goTo(offset: number, isFocused: boolean): void;
  setReadOnly(isReadOnly: boolean): void;
  hasFocus(): boolean;
  destroy(): void;
}

/** Changes that come from elsewhere, and are not to be told back. */
const fromOutside = Annotation.define<true>();

export function makeEditor(parent: ShadowRoot, text: string, hooks: EditorHooks): YamlEditor {
  let isReadOnly = false;
  const history = (isForward: boolean) => () => {
    (isForward ? hooks.onRedo : hooks.onUndo)();
    return true;
  };
  const view = new EditorView({
    parent,
    root: parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        highlightSelectionMatches(),
        indentUnit.of("  "),
        EditorState.lineSeparator.of("\n"),
        yaml(),
        syntaxHighlighting(colours),
        autocompletion({ override: [(context) => completed(context, hooks)], icons: false }),
        hoverTooltip((_, position) => hovered(view, position, hooks)),
        keymap.of([
          { key: "Mod-z", run: history(false), preventDefault: true },
          { key: "Mod-Shift-z", run: history(true), preventDefault: true },
          { key: "Mod-y", run: history(true), preventDefault: true },
          ...completionKeymap,
          ...searchKeymap,
          ...defaultKeymap,
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({ "aria-label": "YAML of the pipeline", tabindex: "0" }),
        EditorState.changeFilter.of((change) => !isReadOnly || change.annotation(fromOutside) === true),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some((one) => one.annotation(fromOutside))) {
            const splices: Splice[] = [];
            update.changes.iterChanges((from, to, _from, _to, inserted) => {
              splices.push({
                at: from,
                before: update.startState.doc.sliceString(from, to, "\n"),
                after: inserted.sliceString(0, undefined, "\n"),
              });
            });
            hooks.onSplices(inOrder(splices));
          }
          if (update.selectionSet && !update.docChanged && view.hasFocus) {
            hooks.onCursor(update.state.selection.main.head);
          }
        }),
        look,
      ],
    }),
  });
  return {
    show: (wanted) => {
      const change = changed(view.state.doc.toString(), wanted);
      if (change !== null) {
        view.dispatch({ changes: change, annotations: [fromOutside.of(true), Transaction.addToHistory.of(false)] });
      }
    },
    mark: (marks) => {
      const length = view.state.doc.length;
      const diagnostics = marks.map(
        ({ from, to, severity, message }): Diagnostic => ({
          from: Math.min(from, length),
          to: Math.min(Math.max(to, from), length),
          severity,
          message,
        }),
      );
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    goTo: (offset, isFocused) => {
      const at = Math.min(offset, view.state.doc.length);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      if (isFocused) {
        view.focus();
      }
    },
    setReadOnly: (isNow) => {
      isReadOnly = isNow;
    },
    hasFocus: () => view.hasFocus,
    destroy: () => view.destroy(),
  };
}

/** The one stretch in which two texts differ. */
export function changed(before: string, after: string): { from: number; to: number; insert: string } | null {
  if (before === after) {
    return null;
  }
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) {
    start += 1;
  }
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) {
    end += 1;
  }
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

function completed(context: CompletionContext, hooks: EditorHooks) {
  const found = hooks.complete(context.state.doc.toString(), context.pos);
  if (found === null || found.items.length === 0 || (!context.explicit && found.from === found.to)) {
    return null;
  }
  return {
    from: found.from,
    to: found.to,
    filter: false,
    options: found.items.map((item) => ({
      label: item.label,
      apply: item.insert,
      ...(item.detail === undefined ? {} : { detail: item.detail }),
      ...(item.info === undefined ? {} : { info: item.info }),
    })),
  };
}

function hovered(view: EditorView, position: number, hooks: EditorHooks) {
  const found = hooks.hover(view.state.doc.toString(), position);
  if (found === null) {
    return null;
  }
  return {
    pos: found.span.from,
    end: found.span.to,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "hover";
      const title = document.createElement("strong");
      title.textContent = found.title;
      dom.append(title);
      for (const line of found.lines) {
        const paragraph = document.createElement("div");
        paragraph.textContent = line;
        dom.append(paragraph);
      }
      return { dom };
    },
  };
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--series-0)" },
  { tag: tags.definition(tags.propertyName), color: "var(--series-0)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.meta, tags.labelName], color: "var(--preparing)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "12px" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "18px", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", borderRight: "1px solid var(--hairline)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    border: "1px solid var(--hairline)",
    borderRadius: "var(--radius)",
    boxShadow: "var(--shadow)",
  },
  ".cm-tooltip .hover": { padding: "6px 10px", maxWidth: "380px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--text)" },
  ".cm-completionDetail": { color: "var(--muted)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)" },
  // Signs of our own: those that it brings are data addresses, which our content security policy does not allow.
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--stopped)" },
  ".cm-lint-marker": { content: '""', width: "9px", height: "9px", borderRadius: "50%", marginTop: "4px" },
  ".cm-lint-marker-error": { content: '""', backgroundColor: "var(--bad)" },
  ".cm-lint-marker-warning": { content: '""', backgroundColor: "var(--stopped)", borderRadius: "2px" },
  ".cm-searchMatch": { backgroundColor: "var(--mark)" },
});
