import type { Datastore } from "../../api/schema.gen";

const WHERE = ["endpoint", "account_name", "filesystem", "container_name", "bucket", "bucket_name", "file_share_name"];

/** Where a datastore is, in the words of its file. */
export function placeText(datastore: Datastore): string {
  if (datastore.type === "local") {
    return datastore.path ?? "this machine, in the server's home";
  }
  return WHERE.flatMap((key) => (datastore[key] ? [String(datastore[key])] : [])).join(" / ");
}
