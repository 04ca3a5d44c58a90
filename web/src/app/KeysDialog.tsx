import { Dialog } from "../ui/Dialog";

const GROUPS: [string, [string, string][]][] = [
  [
    "Everywhere",
    [
      ["Ctrl K", "Search, or jump to anything"],
      ["/", "To the filter of the page"],
      ["g then j", "To the jobs"],
      ["g then c, a, e, m", "To components, data, environments, models"],
      ["g then u, s, d", "To compute, datastores, the Designer"],
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
  [
    "Designer",
    [
      ["a", "Add a step"],
      ["c", "Connect what is selected"],
      ["y", "The text beside the picture, or away"],
      ["Ctrl Z, Shift Ctrl Z", "Undo, redo"],
      ["Ctrl C, X, V", "Copy, cut, paste steps as YAML"],
      ["Ctrl D, Ctrl G", "Duplicate, group into a pipeline"],
      ["Shift drag", "Select every step that the rectangle touches; with Ctrl besides what is selected"],
      ["Shift Arrows", "Select the next step too, on the picture and in the outline"],
      ["Ctrl A, Del", "Select all of the pipeline that one is in, remove"],
      ["e", "Open a nested pipeline where it stands, or close it"],
      ["i", "Show only the nested pipeline"],
      ["Alt Arrows", "Move what is selected; with Shift farther"],
      ["F8, Shift F8", "To the next problem, the one before"],
      ["Ctrl Enter", "Submit"],
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
