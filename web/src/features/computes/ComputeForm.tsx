import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "../../api/client";
import { changeCompute, createCompute } from "../../api/computes";
import type { Compute } from "../../api/schema.gen";

interface ComputeFormProps {
  workspace: string;
  /** Null: a new one is made. */
  compute: Compute | null;
  onDone(made: Compute | null): void;
}

/** How many instances a compute has, and what each of them has; as `compute create` and `compute update`. */
export function ComputeForm({ workspace, compute, onDone }: ComputeFormProps) {
  const client = useQueryClient();
  const [name, setName] = useState(compute?.name ?? "");
  const [least, setLeast] = useState(String(compute?.min_instances ?? 0));
  const [most, setMost] = useState(String(compute?.max_instances ?? 4));
  const [size, setSize] = useState(compute?.size ?? "");
  const [description, setDescription] = useState(compute?.description ?? "");
  const save = useMutation({
    mutationFn: () => {
      const changes = {
        min_instances: Number(least),
        max_instances: Number(most),
        size: size.trim() || null,
        description: description.trim() || null,
      };
      return compute === null
        ? createCompute(workspace, name.trim(), changes)
        : changeCompute(workspace, compute.name, changes);
    },
    onSuccess: (made) => {
      client.invalidateQueries({ queryKey: ["computes", workspace] });
      client.invalidateQueries({ queryKey: ["compute", workspace, made.name] });
      onDone(made);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form
      className="filters compute-form"
      onSubmit={submit}
      aria-label={compute === null ? "New compute" : "Change it"}
    >
      {compute === null && (
        <label>
          Name
          <input
            className="field"
            value={name}
            required
            pattern="[A-Za-z][A-Za-z0-9_\-]*"
            title="letters, digits, _ and -, starting with a letter"
            maxLength={64}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
      )}
      <label>
        Instances at least
        <input
          className="field count"
          type="number"
          min={0}
          max={most}
          required
          value={least}
          onChange={(event) => setLeast(event.target.value)}
        />
      </label>
      <label>
        Instances at most
        <input
          className="field count"
          type="number"
          min={1}
          max={10000}
          required
          value={most}
          onChange={(event) => setMost(event.target.value)}
        />
      </label>
      <label>
        Size
        <input
          className="field"
          value={size}
          placeholder="Standard_DS3_v2"
          onChange={(event) => setSize(event.target.value)}
        />
      </label>
      <label>
        Description
        <input className="field" value={description} onChange={(event) => setDescription(event.target.value)} />
      </label>
      <button type="submit" className="button primary" disabled={save.isPending}>
        {compute === null ? "Create" : "Save"}
      </button>
      <button type="button" className="button" onClick={() => onDone(null)}>
        Discard
      </button>
      {save.isError && (
        <p className="notice bad" role="alert">
          {save.error.message}
          {save.error instanceof ApiError && save.error.hint !== null && ` – ${save.error.hint}`}
        </p>
      )}
    </form>
  );
}
