import { useMutation, useQueryClient } from "@tanstack/react-query";
import { changeJob, type JobChanges } from "../../api/jobs";
import { editWords, valuesBefore } from "../../domain/edit";
import { tell } from "../../ui/notices";

/** Change what a job is called and tagged; it can be taken back. `before` has what the change replaces. */
export function useJobChange(workspace: string, before: { name: string } & JobChanges) {
  const client = useQueryClient();
  const { name } = before;
  const reload = async () => {
    client.invalidateQueries({ queryKey: ["graph", workspace] });
    client.invalidateQueries({ queryKey: ["jobs", workspace] });
    await client.invalidateQueries({ queryKey: ["job", workspace] });
  };
  return useMutation({
    mutationFn: (changes: JobChanges) => changeJob(workspace, name, changes),
    onSuccess: (_, changes) => {
      const back = valuesBefore(before, changes);
      tell(`Changed the ${editWords(changes)} of ${name}.`, async () => {
        await changeJob(workspace, name, back);
        await reload();
      });
      return reload();
    },
  });
}
