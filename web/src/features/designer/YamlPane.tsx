import { useEffect, useLayoutEffect, useRef } from "react";
import type { Completions } from "../../domain/draft/complete";
import type { Hover } from "../../domain/draft/hover";
import type { Splice } from "../../domain/draft/text";
import { type Mark, makeEditor, type YamlEditor } from "./yaml-editor";

export interface YamlPaneProps {
  text: string;
  marks: readonly Mark[];
  /** Where the text is shown, each time that its count changes. */
  focus: { offset: number; count: number; isFocused: boolean } | null;
  isReadOnly: boolean;
  onSplices(splices: readonly Splice[]): void;
  onCursor(offset: number): void;
  onUndo(): void;
  onRedo(): void;
  complete(text: string, offset: number): Completions | null;
  hover(text: string, offset: number): Hover | null;
}

/** The draft's text, beside its picture. */
export default function YamlPane(props: YamlPaneProps) {
  const { text, marks, focus, isReadOnly } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<YamlEditor | null>(null);
  const newest = useRef(props);
  useLayoutEffect(() => {
    newest.current = props;
  });
  useLayoutEffect(() => {
    const element = host.current as HTMLDivElement;
    const shadow = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const made = makeEditor(shadow, newest.current.text, {
      onSplices: (splices) => newest.current.onSplices(splices),
      onCursor: (offset) => newest.current.onCursor(offset),
      onUndo: () => newest.current.onUndo(),
      onRedo: () => newest.current.onRedo(),
      complete: (now, offset) => newest.current.complete(now, offset),
      hover: (now, offset) => newest.current.hover(now, offset),
    });
    editor.current = made;
    return () => {
      editor.current = null;
      made.destroy();
    };
  }, []);
  useLayoutEffect(() => editor.current?.show(text), [text]);
  useEffect(() => editor.current?.mark(marks), [marks]);
  useEffect(() => editor.current?.setReadOnly(isReadOnly), [isReadOnly]);
  useEffect(() => {
    if (focus !== null && !editor.current?.hasFocus()) {
      editor.current?.goTo(focus.offset, focus.isFocused);
    }
  }, [focus]);
  return <div className="yaml-pane" ref={host} />;
}
