/** Fields of the inspector: what is typed is kept when the field is left or Enter is pressed, not at each letter. */

import { type ReactNode, useEffect, useId, useState } from "react";

interface TextFieldProps {
  label: string;
  value: string;
  onSave(value: string): void;
  placeholder?: string | undefined;
  /** Of what may be chosen. */
  list?: readonly string[] | undefined;
  isDisabled?: boolean | undefined;
  isMono?: boolean | undefined;
  /** Several lines. */
  rows?: number | undefined;
  inputMode?: "decimal" | "numeric" | "text" | undefined;
  /** Why it is not right. */
  problem?: string | null | undefined;
  children?: ReactNode;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onSave, placeholder, list, isDisabled, isMono, rows, inputMode, problem, children } = props;
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const save = () => {
    if (text !== value) {
      onSave(text);
    }
  };
  const common = {
    id,
    className: `field${isMono ? " mono-field" : ""}`,
    value: text,
    placeholder,
    disabled: isDisabled,
    "aria-invalid": problem ? true : undefined,
    "aria-describedby": problem ? `${id}-problem` : undefined,
    onBlur: save,
  };
  return (
    <div className="inspector-field">
      <label htmlFor={id}>{label}</label>
      {rows === undefined ? (
        <input
          {...common}
          list={list === undefined ? undefined : `${id}-list`}
          inputMode={inputMode}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              save();
            } else if (event.key === "Escape") {
              setText(value);
            }
          }}
        />
      ) : (
        <textarea {...common} rows={rows} onChange={(event) => setText(event.target.value)} />
      )}
      {list !== undefined && (
        <datalist id={`${id}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      {problem && (
        <span id={`${id}-problem`} className="tone-bad small">
          {problem}
        </span>
      )}
      {children}
    </div>
  );
}

interface ChoiceFieldProps {
  label: string;
  value: string;
  /** What is kept, and how it is shown. */
  choices: readonly (readonly [string, string])[];
  onSave(value: string): void;
  isDisabled?: boolean | undefined;
}

export function ChoiceField({ label, value, choices, onSave, isDisabled }: ChoiceFieldProps) {
  const id = useId();
  const isKnown = choices.some(([one]) => one === value);
  return (
    <div className="inspector-field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="field"
        value={value}
        disabled={isDisabled}
        onChange={(event) => onSave(event.target.value)}
      >
        {!isKnown && <option value={value}>{value}</option>}
        {choices.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

interface PairsFieldProps {
  label: string;
  /** What one of them is called: "variable". */
  word: string;
  pairs: Readonly<Record<string, string>>;
  onSave(name: string, value: string | null): void;
  isDisabled?: boolean | undefined;
}

/** Names and values: environment variables, tags. */
export function PairsField({ label, word, pairs, onSave, isDisabled }: PairsFieldProps) {
  const [name, setName] = useState("");
  const add = () => {
    if (name.trim() !== "") {
      onSave(name.trim(), "");
      setName("");
    }
  };
  return (
    <fieldset className="pairs">
      <legend>{label}</legend>
      {Object.entries(pairs).map(([one, value]) => (
        <div className="pair" key={one}>
          <TextField label={one} value={value} isDisabled={isDisabled} onSave={(text) => onSave(one, text)} />
          <button
            type="button"
            className="button plain icon"
            aria-label={`Remove ${one}`}
            disabled={isDisabled}
            onClick={() => onSave(one, null)}
          >
            ×
          </button>
        </div>
      ))}
      <div className="pair">
        <input
          className="field"
          aria-label={`New ${word}`}
          placeholder={`New ${word}`}
          value={name}
          disabled={isDisabled}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && add()}
        />
        <button type="button" className="button" disabled={isDisabled || name.trim() === ""} onClick={add}>
          Add
        </button>
      </div>
    </fieldset>
  );
}
