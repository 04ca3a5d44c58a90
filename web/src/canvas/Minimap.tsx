import { type PointerEvent, useLayoutEffect, useRef } from "react";
import type { Inks, Scene } from "./paint";
import { type Size, seen, type Viewport } from "./viewport";

const WIDTH = 160;
const HEIGHT = 110;

interface MinimapProps {
  scene: Scene;
  view: Viewport;
  screen: Size;
  inks: Inks;
  onMove(view: Viewport): void;
}

/** The whole picture in a corner, and where in it one is; hidden while everything is on the screen anyway. */
export function Minimap({ scene, view, screen, inks, onMove }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { picture } = scene;
  const scale = Math.min(WIDTH / Math.max(1, picture.width), HEIGHT / Math.max(1, picture.height), 0.2);
  const window = seen(view, screen, 0);
  const isAll =
    window.x <= 0 &&
    window.y <= 0 &&
    window.x + window.width >= picture.width &&
    window.y + window.height >= picture.height;

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) {
      return;
    }
    const ratio = devicePixelRatio || 1;
    context.setTransform(ratio * scale, 0, 0, ratio * scale, 0, 0);
    context.clearRect(0, 0, WIDTH / scale, HEIGHT / scale);
    for (const place of picture.places.values()) {
      if (place.kind === "card") {
        context.fillStyle = inks.tones[scene.toneOf(place.key)];
        context.fillRect(place.x, place.y, Math.max(place.width, 2 / scale), Math.max(place.height, 2 / scale));
      }
    }
    context.strokeStyle = inks.text;
    context.lineWidth = 1.5 / scale;
    context.strokeRect(window.x, window.y, window.width, window.height);
  });

  if (isAll) {
    return null;
  }
  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.buttons !== 1) {
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale];
    onMove({ ...view, x: screen.width / 2 - x * view.zoom, y: screen.height / 2 - y * view.zoom });
  };
  const ratio = devicePixelRatio || 1;
  const [width, height] = [Math.ceil(picture.width * scale), Math.ceil(picture.height * scale)];
  return (
    <div className="minimap" aria-hidden="true">
      <canvas
        ref={canvas}
        width={width * ratio}
        height={height * ratio}
        style={{ width, height }}
        onPointerDown={move}
        onPointerMove={move}
      />
    </div>
  );
}
