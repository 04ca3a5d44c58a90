/** Lays out large pictures beside the page, so that it never stops. */

import { pictureInside } from "../domain/inside";
import type { PictureWish } from "./usePicture";

addEventListener("message", ({ data }: MessageEvent<PictureWish & { id: number }>) => {
  postMessage({ id: data.id, picture: pictureInside(data.graph, data.around, new Set(data.open)) });
});
