import { useState } from "react";
import type { FileRow } from "../../api/jobs";

const IMAGE = /\.(png|jpe?g|gif|webp|bmp)$/i;
const SHOWN_AT_FIRST = 48;
const ORDER = new Intl.Collator("en", { numeric: true });

const imagesOf = (files: readonly FileRow[]): FileRow[] => files.filter((file) => IMAGE.test(file.path));

/** Images among files, by folder and in the order of the numbers in their names, so that steps of training follow each other. */
export function ImageGallery({ files, addressOf }: { files: readonly FileRow[]; addressOf(path: string): string }) {
  const [count, setCount] = useState(SHOWN_AT_FIRST);
  const [large, setLarge] = useState<string | null>(null);
  const images = imagesOf(files).sort((a, b) => ORDER.compare(a.path, b.path));
  const at = images.findIndex((image) => image.path === large);
  const shown = images[at];
  if (images.length === 0) {
    return null;
  }
  const go = (by: number) => setLarge(images[(at + by + images.length) % images.length]?.path ?? null);
  return (
    <div className="stack">
      {shown !== undefined && (
        <figure className="large-image">
          <img src={addressOf(shown.path)} alt={shown.path} />
          <figcaption className="row">
            <button type="button" className="button small" onClick={() => go(-1)}>
              Previous
            </button>
            <button type="button" className="button small" onClick={() => go(1)}>
              Next
            </button>
            <span className="muted small breakable">
              {shown.path} · {at + 1} of {images.length}
            </span>
            <button type="button" className="button plain small" onClick={() => setLarge(null)}>
              Close
            </button>
          </figcaption>
        </figure>
      )}
      <ul className="gallery">
        {images.slice(0, count).map((image) => (
          <li key={image.path}>
            <button type="button" aria-pressed={image.path === large} onClick={() => setLarge(image.path)}>
              <img src={addressOf(image.path)} alt="" loading="lazy" />
              <span className="small" title={image.path}>
                {image.path.slice(image.path.lastIndexOf("/") + 1)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {images.length > count && (
        <button type="button" className="button" onClick={() => setCount(count + 200)}>
          Show more of {images.length}
        </button>
      )}
    </div>
  );
}
