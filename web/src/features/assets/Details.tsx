import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { stringify } from "yaml";
import { type AssetVersion, type Changes, changeVersion, versionQuery } from "../../api/assets";
import { inWorkspace } from "../../app/workspace";
import { editWords, valuesBefore } from "../../domain/edit";
import { timeText } from "../../domain/format";
import { Copy } from "../../ui/Copy";
import { tell } from "../../ui/notices";
import { AssetLink } from "./AssetLink";
import { Description } from "./Description";
import { Interface } from "./Interface";
import { ModelFacts } from "./ModelFacts";
import type { PartProps } from "./part";
import { TagEditor } from "./TagEditor";

/** What a version says of itself; description and tags are edited in place. */
export function Details({ kind, asset, workspace }: PartProps) {
  const client = useQueryClient();
  const show = (changed: AssetVersion) => {
    client.setQueryData(versionQuery(workspace, kind, asset.name, asset.version).queryKey, changed);
    client.invalidateQueries({ queryKey: ["assets", workspace, kind] });
  };
  const change = useMutation({
    mutationFn: (changes: Changes) => changeVersion(workspace, kind, asset, changes),
    onSuccess: (changed, changes) => {
      show(changed);
      const back = valuesBefore(asset, changes);
      tell(`Changed the ${editWords(changes)} of ${asset.name}, version ${asset.version}.`, async () =>
        show(await changeVersion(workspace, kind, asset, back)),
      );
    },
  });
  const { created_at, created_by, last_modified_at, last_modified_by } = asset.creation_context;
  const command = asset.command;
  return (
    <div className="asset-columns">
      <div className="stack">
        {change.isError && (
          <div className="notice bad" role="alert">
            It was not saved: {change.error.message}
          </div>
        )}
        <Description
          key={`${asset.version} ${asset.description}`}
          text={asset.description ?? ""}
          onSave={(description) => change.mutate({ description })}
        />
        <Interface title="Inputs" ports={asset.inputs} />
        <Interface title="Outputs" ports={asset.outputs} />
        {typeof command === "string" && (
          <>
            <div className="row">
              <h2>Command</h2>
              <Copy text={command} />
            </div>
            <pre className="code-block wrapped">{command}</pre>
          </>
        )}
        {asset.environment !== undefined && (
          <>
            <h2>Environment</h2>
            {typeof asset.environment === "string" ? (
              <p>
                <AssetLink text={asset.environment} kind="environments" workspace={workspace} />
              </p>
            ) : (
              <pre className="code-block">{stringify(asset.environment)}</pre>
            )}
          </>
        )}
        {kind === "environments" && <Definition asset={asset} />}
        {kind === "models" && <ModelFacts kind={kind} asset={asset} workspace={workspace} />}
      </div>
      <aside className="stack" aria-label="Facts">
        <h2>Tags</h2>
        <TagEditor tags={asset.tags} onChange={(tags) => change.mutate({ tags })} />
        <h2>Facts</h2>
        <dl className="facts">
          <dt>Name</dt>
          <dd>{asset.name}</dd>
          <dt>Version</dt>
          <dd>{asset.version}</dd>
          {asset.type !== undefined && (
            <>
              <dt>Type</dt>
              <dd>{asset.type}</dd>
            </>
          )}
          <dt>Created</dt>
          <dd>
            {timeText(created_at)} by {created_by}
          </dd>
          <dt>Modified</dt>
          <dd>
            {timeText(last_modified_at ?? created_at)} by {last_modified_by ?? created_by}
          </dd>
          {asset.stage != null && (
            <>
              <dt>Stage</dt>
              <dd>{asset.stage}</dd>
            </>
          )}
          {asset.path !== undefined && (
            <>
              <dt>Path</dt>
              <dd>
                <code>{asset.path}</code>
              </dd>
            </>
          )}
          {asset.produced_by !== null && (
            <>
              <dt>Made by</dt>
              <dd>
                <Link to="/jobs/$name" params={{ name: asset.produced_by.job }} search={inWorkspace(workspace)}>
                  {asset.produced_by.job}
                </Link>{" "}
                · {asset.produced_by.output}
              </dd>
            </>
          )}
        </dl>
      </aside>
    </div>
  );
}

/** What an environment is made of. */
function Definition({ asset }: { asset: AssetVersion }) {
  const { image, conda_file } = asset as { image?: string; conda_file?: unknown };
  return (
    <>
      {image !== undefined && (
        <>
          <h2>Image</h2>
          <p>
            <code>{image}</code>
          </p>
        </>
      )}
      {conda_file !== undefined && (
        <>
          <div className="row">
            <h2>Packages</h2>
            <Copy text={textOf(conda_file)} />
          </div>
          <pre className="code-block">{textOf(conda_file)}</pre>
        </>
      )}
    </>
  );
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : stringify(value));
