import { Dialog } from "../ui/Dialog";

const GROUPS: [string, [string, string][]][] = [
  [
    "Everywhere",
    [
      ["Ctrl K", "Search, or jump to anything"],
      ["/", "To the filter of the page"],
      ["g then j", "To the jobs"],
      ["g then c, a, e, m", "To components, data, environments, models"],
      ["g then u, s", "To compute, datastores"],
      ["Ctrl Z", "Take back what was done last, while its notice is there"],
      ["Esc", "Close what is in front"],
      ["?", "This list"],
    ],
  ],
  [
    "Graph",
    [
      ["Arrows", "From step to step"],
      ["Enter", "Select the step"],
      ["e", "Open or close a nested pipeline"],
      ["i", "Go inside a nested pipeline"],
      ["+ −", "Nearer, farther"],
      ["0", "Show everything"],
      ["/ then Enter", "Find a step; Enter again for the next one"],
    ],
  ],
  [
    "Log",
    [
      ["g G", "To the beginning, to the end"],
      ["F", "Stay at the end"],
      ["w", "Wrap long lines"],
    ],
  ],
  ["Chart", [["← →", "Along the curves, once a chart has the focus"]]],
];

/** Which keys there are. */
export default function KeysDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      {GROUPS.map(([title, keys]) => (
        <section key={title} className="keys">
          <h3>{title}</h3>
          <dl className="facts">
            {keys.map(([key, what]) => (
              <div key={key} style={{ display: "contents" }}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
