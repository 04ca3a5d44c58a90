import { useEffect, useState } from "react";
import { type Range, type Ranges, withRange } from "../../domain/trial-ranges";
import type { Axis } from "../../domain/trials";

interface RangeFieldsProps {
  axes: readonly Axis[];
  ranges: Ranges;
  onRanges(ranges: Ranges): void;
  onLog(name: string, isLog: boolean): void;
}

/** What is dragged on the axes, to be typed; and which of them are logarithmic. */
export function RangeFields({ axes, ranges, onRanges, onLog }: RangeFieldsProps) {
  return (
    <details className="small" open={Object.keys(ranges).length > 0 || undefined}>
      <summary>Ranges and scales</summary>
      <div className="range-fields">
        {axes.map((axis) => (
          <fieldset key={axis.name}>
            <legend>{axis.name}</legend>
            {axis.words === null ? (
              <Numbers axis={axis} ranges={ranges} onRanges={onRanges} onLog={onLog} />
            ) : (
              <Words axis={axis} words={axis.words} ranges={ranges} onRanges={onRanges} />
            )}
          </fieldset>
        ))}
      </div>
    </details>
  );
}

function Numbers({ axis, ranges, onRanges, onLog }: Omit<RangeFieldsProps, "axes"> & { axis: Axis }) {
  const range = numbersOf(ranges[axis.name]);
  const change = (more: Partial<typeof range>) => onRanges(withRange(ranges, axis.name, { ...range, ...more }));
  return (
    <>
      <End label={`${axis.name} at least`} value={range.min} onValue={(min) => change({ min })} />
      <span aria-hidden="true">to</span>
      <End label={`${axis.name} at most`} value={range.max} onValue={(max) => change({ max })} />
      {axis.mayBeLog && (
        <label className="form-check">
          <input type="checkbox" checked={axis.isLog} onChange={(event) => onLog(axis.name, event.target.checked)} />
          Log<span className="hidden"> scale of {axis.name}</span>
        </label>
      )}
    </>
  );
}

const numbersOf = (range: Range | undefined) =>
  range !== undefined && "min" in range ? range : { min: null, max: null };

/** One end; it counts when it is a number, or empty. */
function End({ label, value, onValue }: { label: string; value: number | null; onValue(value: number | null): void }) {
  const [text, setText] = useState(value === null ? "" : String(value));
  useEffect(() => {
    // What was dragged, or came with the address; what is being typed means the same number already.
    setText((typed) => (asNumber(typed) === value ? typed : value === null ? "" : String(value)));
  }, [value]);
  return (
    <input
      className="field"
      inputMode="decimal"
      size={7}
      aria-label={label}
      aria-invalid={asNumber(text) === undefined}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        const number = asNumber(event.target.value);
        if (number !== undefined && number !== value) {
          onValue(number);
        }
      }}
    />
  );
}

/** Null of an empty text, undefined of one that is no number. */
function asNumber(text: string): number | null | undefined {
  if (text.trim() === "") {
    return null;
  }
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

interface WordsProps {
  axis: Axis;
  words: readonly string[];
  ranges: Ranges;
  onRanges(ranges: Ranges): void;
}

function Words({ axis, words, ranges, onRanges }: WordsProps) {
  const range = ranges[axis.name];
  const chosen = range !== undefined && "words" in range ? range.words : [];
  return words.map((word) => (
    <label key={word} className="form-check">
      <input
        type="checkbox"
        checked={chosen.includes(word)}
        onChange={(event) => {
          const kept = chosen.filter((one) => one !== word);
          onRanges(withRange(ranges, axis.name, { words: event.target.checked ? [...kept, word] : kept }));
        }}
      />
      {word}
    </label>
  ));
}
