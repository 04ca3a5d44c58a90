import type { Palette } from "../../api/drafts";
import type { WireEnd } from "../../domain/draft/pipeline";
import { boxOf, endKey, endName } from "../../domain/draft/spots";
import { type Choice, ChooseDialog } from "./ChooseDialog";
import type { Wiring } from "./useWiring";

/** The questions that a wire, or a new box, asks. */
export function WiringDialogs({ wiring, palette }: { wiring: Wiring; palette: Palette | undefined }) {
  const { question, ask } = wiring;
  const close = () => ask(null);
  switch (question?.kind) {
    case undefined:
      return null;
    case "item": {
      const items = [...(palette?.components ?? []), ...(palette?.data ?? []), ...(palette?.models ?? [])];
      return (
        <ChooseDialog
          title="Add to the pipeline"
          empty="Nothing is registered yet. In a terminal: pipeyard component create --file train.yml"
          choices={items.map((item) => ({
            id: `${item.kind} ${item.reference}`,
            title: item.display_name ?? item.name,
            note: [item.type, item.version].filter(Boolean).join(" · "),
          }))}
          onChoose={(id) => {
            const item = items.find((one) => `${one.kind} ${one.reference}` === id);
            if (item !== undefined) {
              wiring.place(item, null);
            }
          }}
          onClose={close}
        />
      );
    }
    case "fitting": {
      const found = wiring.fitting(question.end);
      const choices = found.flatMap(({ facts, ports }) =>
        ports.map((port): Choice & { port: string; facts: typeof facts } => ({
          id: `${facts.reference} ${port}`,
          title: facts.displayName ?? facts.name,
          note: `${port} · ${facts.version ?? ""}`,
          facts,
          port,
        })),
      );
      return (
        <ChooseDialog
          title={`What fits ${endName(question.end)}`}
          empty="No registered component has a port that this wire could join."
          choices={choices}
          onChoose={(id) => {
            const choice = choices.find((one) => one.id === id);
            if (choice !== undefined) {
              wiring.placeFitting(choice.facts, choice.port, question.end, question.at);
            }
          }}
          onClose={close}
        />
      );
    }
    case "source": {
      const outputs = wiring.outputsOf(question.step);
      return (
        <ChooseDialog
          title={`Which output of ${question.step}`}
          empty="The step has no output that is known."
          choices={outputs.map((end) => ({ id: endKey(end), title: endName(end) }))}
          onChoose={(id) => {
            const end = outputs.find((one) => endKey(one) === id);
            if (end !== undefined) {
              ask({ kind: "target", from: end, box: null });
            }
          }}
          onClose={close}
        />
      );
    }
    case "target":
      return <Targets wiring={wiring} from={question.from} box={question.box} onClose={close} />;
  }
}

interface TargetsProps {
  wiring: Wiring;
  from: WireEnd;
  box: string | null;
  onClose(): void;
}

function Targets({ wiring, from, box, onClose }: TargetsProps) {
  const found = wiring.candidates(from).filter(({ end }) => box === null || boxOf(end) === box);
  const ordered = [...found.filter((one) => one.connection.ok), ...found.filter((one) => !one.connection.ok)];
  return (
    <ChooseDialog
      title={`Connect ${endName(from)} with`}
      empty="There is no other step that it could be connected with."
      choices={ordered.map(
        ({ end, connection }): Choice => ({
          id: endKey(end),
          title:
            end.kind === "step-input" || end.kind === "step-output"
              ? `${end.step} · ${endName(end)}`
              : `pipeline · ${endName(end)}`,
          ...(connection.ok ? { note: connection.remark ?? "" } : { refusal: connection.reason }),
        }),
      )}
      onChoose={(id) => {
        const target = ordered.find(({ end }) => endKey(end) === id);
        if (target !== undefined) {
          wiring.join(from, target.end);
        }
      }}
      onClose={onClose}
    />
  );
}
