import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { paletteQuery, type Draft as StoredDraft } from "../../api/drafts";
import { DRAGGED, DraftCanvas } from "../../canvas/DraftCanvas";
import { boardOf } from "../../domain/draft/board";
import { movedBy } from "../../domain/draft/board-moves";
import { dataBoxOf } from "../../domain/draft/spots";
import type { Point } from "../../domain/layout";
import { Conflict } from "./Conflict";
import { DesignerBar } from "./DesignerBar";
import { DraftOutline } from "./DraftOutline";
import { PalettePane } from "./PalettePane";
import { PipelineInspector } from "./PipelineInspector";
import { ProblemList } from "./ProblemList";
import { StepInspector } from "./StepInspector";
import { Trail } from "./Trail";
import { useActions } from "./useActions";
import { useCatalogue } from "./useCatalogue";
import { useDraftWork } from "./useDraftWork";
import { useFolds } from "./useFolds";
import { useKeys } from "./useKeys";
import { useProblems } from "./useProblems";
import { useSaving } from "./useSaving";
import { useText } from "./useText";
import { useWiring } from "./useWiring";
import { WiringDialogs } from "./WiringDialogs";
import "./designer.css";
import "./workbench.css";

const YamlPane = lazy(() => import("./YamlPane"));
const RevisionsDialog = lazy(() => import("./RevisionsDialog"));
const ComponentsDialog = lazy(() => import("./ComponentsDialog"));
const SubmitDialog = lazy(() => import("./SubmitDialog"));

interface WorkbenchProps {
  workspace: string;
  stored: StoredDraft;
  onAdopt(draft: StoredDraft): void;
}

/** Palette, picture, text, inspector and problems of one draft. */
export function Workbench({ workspace, stored, onAdopt }: WorkbenchProps) {
  const search = useSearch({ from: "/designer/$draft" });
  const navigate = useNavigate({ from: "/designer/$draft" });
  const palette = useQuery(paletteQuery(workspace)).data;
  const work = useDraftWork(stored);
  const { draft, positions } = work.history.now;
  const [name, setName] = useState(stored.name);
  const saving = useSaving(
    workspace,
    stored,
    useMemo(() => ({ name, text: draft.text, positions }), [name, draft, positions]),
    onAdopt,
  );
  const isReadOnly = saving.state === "reading" || saving.state === "archived" || saving.state === "gone";
  const catalogue = useCatalogue(workspace, stored, draft.pipeline, palette);
  const problems = useProblems(workspace, stored.id, draft.text, draft.broken !== null);
  const folds = useFolds(workspace, stored, work, catalogue);
  const board = useMemo(
    () => boardOf(folds.shown, work.scope, positions, catalogue, work.open),
    [folds.shown, work.scope, positions, catalogue, work.open],
  );
  const wiring = useWiring(work, board, catalogue, folds.foreign);
  const text = useText(work, catalogue, problems.list, stored.main);
  const [isSubmitting, setSubmitting] = useState(false);
  const [isLooking, setLooking] = useState(false);
  const hasFiles = draft.pipeline.steps.some(({ component }) => component?.kind === "file");
  // Null: nothing is asked. With a step: of its component alone.
  const [registering, setRegistering] = useState<{ step: string | null } | null>(
    search.components === true && hasFiles ? { step: null } : null,
  );
  const endRegistering = () => {
    setRegistering(null);
    navigate({ search: (before) => ({ ...before, components: undefined }), replace: true });
  };
  const [focus, setFocus] = useState<{ key: string; count: number } | null>(null);
  const hasText = search.yaml === true;
  const showText = useCallback(
    (isShown: boolean) => navigate({ search: (before) => ({ ...before, yaml: isShown || undefined }), replace: true }),
    [navigate],
  );

  const locate = useCallback(
    (key: string) => {
      const step = work.history.now.draft.pipeline.byKey.get(key);
      if (step !== undefined && !board.steps.has(key)) {
        work.goInside(step.scope);
      }
      work.select([key]);
      setFocus((before) => ({ key, count: (before?.count ?? 0) + 1 }));
    },
    [work, board],
  );
  const open = useCallback(
    (key: string) => {
      if (work.history.now.draft.pipeline.byKey.get(key)?.component?.kind === "inline-pipeline") {
        work.goInside(key);
      } else if (folds.canFold(key)) {
        work.refuse("its steps are written elsewhere: e shows them here, Unpack takes them over");
      }
    },
    [work, folds],
  );
  const actions = useActions({
    work,
    board,
    isReadOnly,
    problems: problems.list,
    text,
    showText,
    hasText,
    locate,
    open,
    folds,
    onSubmit: () => setSubmitting(true),
    onRevisions: () => setLooking(true),
    onRegister: hasFiles ? () => setRegistering({ step: null }) : null,
    wiring,
  });
  useKeys(actions);

  const chosen = work.selected.at(-1);
  const step = chosen === undefined ? undefined : draft.pipeline.byKey.get(chosen);
  const common = {
    workspace,
    draft,
    catalogue,
    palette,
    isReadOnly,
    problemsOf: problems.of,
    sourcesOf: wiring.sourcesOf,
    onEdit: work.edit,
    onRegister: (key: string) => setRegistering({ step: key }),
  };
  return (
    <div className="designer">
      <title>{`${name} · Designer · Pipeyard`}</title>
      <DesignerBar
        workspace={workspace}
        id={stored.id}
        name={name}
        onName={setName}
        saving={saving}
        work={work}
        hasText={hasText}
        isReadOnly={isReadOnly}
        actions={actions}
      />
      <Conflict workspace={workspace} name={name} saving={saving} stored={stored} work={work} onAdopt={onAdopt} />
      {work.refusal !== null && (
        <div className="notice bad designer-notice" role="alert">
          <span>{work.refusal}</span>
          <button type="button" className="button plain" onClick={work.forgetRefusal}>
            Close
          </button>
        </div>
      )}
      <div className={`designer-body${hasText ? " with-text" : ""}`}>
        <div className="designer-left">
          <PalettePane palette={palette} isReadOnly={isReadOnly} onPlace={(item) => wiring.place(item, null)} />
          <DraftOutline
            steps={folds.shown.pipeline.steps}
            folds={folds}
            scope={work.scope}
            selected={work.selected}
            problems={problems.byStep}
            onSelect={work.select}
            onLocate={locate}
            onOpen={open}
          />
        </div>
        <div className="designer-middle">
          <Trail scope={work.scope} onGo={work.goInside} />
          {board.picture.places.size === 0 ? (
            <EmptyCanvas
              onDrop={(reference) => wiring.placeReference(palette, reference, null)}
              onText={() => showText(true)}
            />
          ) : (
            <DraftCanvas
              key={work.scope}
              board={board}
              foreign={folds.foreign}
              selected={work.selected}
              problems={problems.byStep}
              focus={focus}
              memory={`draft ${stored.id} ${work.scope}`}
              isReadOnly={isReadOnly}
              fits={wiring.fits}
              onSelect={work.select}
              onOpen={open}
              canFold={folds.canFold}
              onFold={folds.toggle}
              onMove={(keys, by: Point) => work.move(movedBy(board, positions, keys, by))}
              onConnect={wiring.connect}
              onConnectBox={wiring.connectBox}
              onDropWire={wiring.dropWire}
              onDropItem={(reference, at) => wiring.placeReference(palette, reference, at)}
            />
          )}
          <ProblemList
            problems={problems.list}
            leftOut={problems.leftOut}
            broken={draft.broken}
            chosen={actions.problemAt}
            onChoose={actions.goToProblem}
            onBroken={() => {
              showText(true);
              text.goTo(draft.broken?.offset ?? 0, true);
            }}
          />
        </div>
        {hasText && (
          <Suspense fallback={<Skeletal />}>
            <YamlPane
              text={draft.text}
              marks={text.marks}
              focus={text.focus}
              isReadOnly={isReadOnly}
              onSplices={(splices) => work.type({ kind: "splice", splices })}
              onCursor={text.onCursor}
              onUndo={work.undo}
              onRedo={work.redo}
              complete={text.complete}
              hover={text.hover}
            />
          </Suspense>
        )}
        <aside className="designer-right" aria-label="Inspector">
          {step === undefined ? (
            <PipelineInspector {...common} scope={dataBoxOf(chosen ?? "")?.scope ?? work.scope} />
          ) : (
            <StepInspector key={step.key} {...common} step={step} folds={folds} onOpenInside={work.goInside} />
          )}
        </aside>
      </div>
      <WiringDialogs wiring={wiring} palette={palette} />
      {registering !== null && (
        <Suspense>
          <ComponentsDialog
            workspace={workspace}
            id={stored.id}
            step={registering.step}
            onFlush={saving.flush}
            onRefer={(references) =>
              Object.keys(references).length > 0 && work.edit({ kind: "refer-components", references })
            }
            onClose={endRegistering}
          />
        </Suspense>
      )}
      {isLooking && (
        <Suspense>
          <RevisionsDialog
            workspace={workspace}
            id={stored.id}
            isReadOnly={isReadOnly}
            onFlush={saving.flush}
            onAdopt={onAdopt}
            onClose={() => setLooking(false)}
          />
        </Suspense>
      )}
      {isSubmitting && (
        <Suspense>
          <SubmitDialog
            workspace={workspace}
            id={stored.id}
            draft={draft}
            palette={palette}
            onFlush={saving.flush}
            onClose={() => setSubmitting(false)}
          />
        </Suspense>
      )}
    </div>
  );
}

function Skeletal() {
  return (
    <div className="yaml-pane muted" role="status">
      Loading the editor
    </div>
  );
}

interface EmptyCanvasProps {
  onDrop(reference: string): void;
  onText(): void;
}

function EmptyCanvas({ onDrop, onText }: EmptyCanvasProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be placed with the keyboard too.
    <div
      className="empty designer-empty"
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED) && event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        onDrop(event.dataTransfer.getData(DRAGGED));
      }}
    >
      <h2>Nothing is here yet</h2>
      <p>Drag a component here from the palette, choose one with Enter, or write YAML.</p>
      <button type="button" className="button" onClick={onText}>
        Open the text
      </button>
    </div>
  );
}
