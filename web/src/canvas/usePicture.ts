import { useEffect, useMemo, useRef, useState } from "react";
import { pictureInside } from "../domain/inside";
import type { JobGraph } from "../domain/job";
import type { Picture } from "../domain/picture";

/** Smaller ones are laid out sooner than a worker would answer. */
const WORKER_STEPS = 150;

export interface PictureWish {
  graph: JobGraph;
  /** The group whose inside is wanted; "": everything. */
  around: string;
  open: readonly string[];
}

/** A job's picture; a large one is made in a worker, and the one before stays until it is there. Null: none yet. */
export function usePicture(graph: JobGraph, around: string, open: ReadonlySet<string>): Picture | null {
  const isLarge = graph.steps.length >= WORKER_STEPS && typeof Worker !== "undefined";
  const openKey = [...open].sort().join("\n");
  const own = useMemo(
    () => (isLarge ? null : pictureInside(graph, around, new Set(openKey === "" ? [] : openKey.split("\n")))),
    [graph, around, openKey, isLarge],
  );
  const [made, setMade] = useState<Picture | null>(null);
  const worker = useRef<Worker | null>(null);
  const count = useRef(0);
  useEffect(() => {
    if (!isLarge) {
      return;
    }
    count.current += 1;
    const id = count.current;
    worker.current ??= new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module", name: "layout" });
    worker.current.onmessage = ({ data }: MessageEvent<{ id: number; picture: Picture }>) => {
      // An older one is not what is wanted any more.
      if (data.id === count.current) {
        setMade(data.picture);
      }
    };
    const wish: PictureWish = { graph, around, open: openKey === "" ? [] : openKey.split("\n") };
    worker.current.postMessage({ ...wish, id });
  }, [graph, around, openKey, isLarge]);
  useEffect(
    () => () => {
      worker.current?.terminate();
      worker.current = null;
    },
    [],
  );
  return own ?? made;
}
