/**
 * Boxes and arrows → places, layer by layer from top to bottom.
 *
 * Textbook steps (Sugiyama): longest-path layers, points on long arrows, an order of few crossings by
 * barycentres, then columns by least squares in which neighbours that would overlap move as one block.
 * Equal input gives equal output, and the order starts from the order as written, so that a small edit
 * does not reshuffle the picture.
 */

export interface Box {
  id: string;
  width: number;
  height: number;
}

export interface Arrow {
  from: string;
  to: string;
}

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  /** Top left corner of each box. */
  places: Map<string, Point>;
  /** For each arrow, in order, the points between its ends that it passes. */
  bends: Point[][];
  width: number;
  height: number;
}

export interface Gaps {
  /** Between neighbours of a layer. */
  column: number;
  /** Between layers. */
  layer: number;
}

const DEFAULT_GAPS: Gaps = { column: 28, layer: 56 };
const SWEEPS = 12;
const COLUMN_PASSES = 24;
/** How much a box would rather stay where it is: only so much that a row of free boxes does not drift. */
const OWN_WEIGHT = 0.01;
/** Pulls long arrows straight. */
const BEND_WEIGHT = 8;

interface Cell {
  width: number;
  height: number;
  layer: number;
  /** Centre. */
  x: number;
  isBend: boolean;
  above: number[];
  below: number[];
}

export function layoutLayers(boxes: readonly Box[], arrows: readonly Arrow[], gaps: Gaps = DEFAULT_GAPS): Layout {
  if (boxes.length === 0) {
    return { places: new Map(), bends: arrows.map(() => []), width: 0, height: 0 };
  }
  const index = new Map(boxes.map((box, position) => [box.id, position]));
  const links = arrows.map((arrow): [number, number] => [index.get(arrow.from) ?? -1, index.get(arrow.to) ?? -1]);
  const isReal = ([from, to]: [number, number]) => from >= 0 && to >= 0 && from !== to;
  const layers = layersOf(boxes.length, links.filter(isReal));
  const cells: Cell[] = boxes.map((box, position) => ({
    width: box.width,
    height: box.height,
    layer: layers[position] ?? 0,
    x: 0,
    isBend: false,
    above: [],
    below: [],
  }));
  const chains = links.map((link) => (isReal(link) ? chain(cells, link[0], link[1]) : []));
  const rows = orderedRows(cells, boxes.length);
  setColumns(cells, rows, gaps.column);
  return measured(boxes, cells, rows, chains, gaps);
}

/** Longest path from the sources; then sources are pulled down to their first reader. */
function layersOf(count: number, links: readonly [number, number][]): number[] {
  const below: number[][] = Array.from({ length: count }, () => []);
  const waits = new Array<number>(count).fill(0);
  for (const [from, to] of links) {
    at(below, from).push(to);
    waits[to] = at(waits, to) + 1;
  }
  const hasAbove = waits.map((wait) => wait > 0);
  const layers = new Array<number>(count).fill(0);
  const ready = waits.flatMap((wait, node) => (wait === 0 ? [node] : []));
  for (let next = 0; next < ready.length; next += 1) {
    const node = at(ready, next);
    for (const reader of at(below, node)) {
      layers[reader] = Math.max(at(layers, reader), at(layers, node) + 1);
      waits[reader] = at(waits, reader) - 1;
      if (waits[reader] === 0) {
        ready.push(reader);
      }
    }
  }
  for (let node = 0; node < count; node += 1) {
    const readers = at(below, node);
    if (!hasAbove[node] && readers.length > 0) {
      layers[node] = Math.min(...readers.map((reader) => at(layers, reader))) - 1;
    }
  }
  return layers;
}

/** Put a point into every layer that an arrow passes; return them, from above to below. */
function chain(cells: Cell[], from: number, to: number): number[] {
  const bends: number[] = [];
  let above = from;
  for (let layer = at(cells, from).layer + 1; layer < at(cells, to).layer; layer += 1) {
    const bend = cells.length;
    cells.push({ width: 2, height: 0, layer, x: 0, isBend: true, above: [above], below: [] });
    at(cells, above).below.push(bend);
    bends.push(bend);
    above = bend;
  }
  at(cells, above).below.push(to);
  at(cells, to).above.push(above);
  return bends;
}

/** Cells by layer, in an order with few crossings. */
function orderedRows(cells: readonly Cell[], boxCount: number): number[][] {
  const rows: number[][] = Array.from({ length: Math.max(...cells.map((cell) => cell.layer)) + 1 }, () => []);
  const seen = new Uint8Array(cells.length);
  for (let start = 0; start < boxCount; start += 1) {
    walkFrom(start, cells, seen, rows);
  }
  let best = rows.map((row) => [...row]);
  let fewest = crossings(cells, best);
  const position = new Float64Array(cells.length);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (let step = 0; step < rows.length; step += 1) {
      const row = at(rows, isDown ? step : rows.length - 1 - step);
      sortByNeighbours(row, cells, isDown, position);
    }
    const count = crossings(cells, rows);
    if (count < fewest) {
      fewest = count;
      best = rows.map((row) => [...row]);
    }
  }
  return best;
}

/** Depth first without recursion: a chain may have thousands of boxes. */
function walkFrom(start: number, cells: readonly Cell[], seen: Uint8Array, rows: number[][]): void {
  const stack = [start];
  while (stack.length > 0) {
    const cell = stack.pop() as number;
    if (seen[cell]) {
      continue;
    }
    seen[cell] = 1;
    at(rows, at(cells, cell).layer).push(cell);
    const below = at(cells, cell).below;
    for (let next = below.length - 1; next >= 0; next -= 1) {
      stack.push(at(below, next));
    }
  }
}

function sortByNeighbours(row: number[], cells: readonly Cell[], isDown: boolean, position: Float64Array): void {
  const centre = new Map<number, number>();
  row.forEach((cell, place) => {
    const near = isDown ? at(cells, cell).above : at(cells, cell).below;
    const sum = near.reduce((total, one) => total + (position[one] ?? 0), 0);
    centre.set(cell, near.length === 0 ? place : sum / near.length);
  });
  row.sort((a, b) => (centre.get(a) ?? 0) - (centre.get(b) ?? 0));
  row.forEach((cell, place) => {
    position[cell] = place;
  });
}

/** How many pairs of arrows between neighbouring layers cross: inversions, counted with a Fenwick tree. */
function crossings(cells: readonly Cell[], rows: readonly (readonly number[])[]): number {
  const place = new Int32Array(cells.length);
  for (const row of rows) {
    row.forEach((cell, position) => {
      place[cell] = position;
    });
  }
  let total = 0;
  for (let layer = 0; layer + 1 < rows.length; layer += 1) {
    const width = at(rows, layer + 1).length;
    const tree = new Int32Array(width + 1);
    let taken = 0;
    for (const cell of at(rows, layer)) {
      const ends = at(cells, cell)
        .below.map((one) => place[one] ?? 0)
        .sort((a, b) => a - b);
      for (const end of ends) {
        total += taken - countUpTo(tree, end + 1);
      }
      for (const end of ends) {
        taken += 1;
        for (let node = end + 1; node <= width; node += node & -node) {
          tree[node] = (tree[node] ?? 0) + 1;
        }
      }
    }
  }
  return total;
}

function countUpTo(tree: Int32Array, end: number): number {
  let sum = 0;
  for (let node = end; node > 0; node -= node & -node) {
    sum += tree[node] ?? 0;
  }
  return sum;
}

function setColumns(cells: Cell[], rows: readonly (readonly number[])[], gap: number): void {
  for (const row of rows) {
    let x = 0;
    for (const one of row) {
      const cell = at(cells, one);
      cell.x = x + cell.width / 2;
      x += cell.width + gap;
    }
  }
  for (let pass = 0; pass < COLUMN_PASSES; pass += 1) {
    const isDown = pass % 2 === 0;
    for (let step = 0; step < rows.length; step += 1) {
      moveRow(at(rows, isDown ? step : rows.length - 1 - step), cells, gap, pass >= COLUMN_PASSES - 2);
    }
  }
}

interface Block {
  /** Where its first cell wants to be, and how much. */
  wish: number;
  weight: number;
  width: number;
  cells: number[];
}

/** Move each cell towards the middle of its neighbours; cells that would overlap move as one (pool adjacent violators). */
function moveRow(row: readonly number[], cells: Cell[], gap: number, isLast: boolean): void {
  const blocks: Block[] = [];
  for (const one of row) {
    const cell = at(cells, one);
    const near = isLast
      ? [...cell.above, ...cell.below]
      : cell.above.length > 0
        ? [...cell.above, ...cell.below]
        : cell.below;
    let sum = cell.x * OWN_WEIGHT;
    let weight = OWN_WEIGHT;
    for (const other of near) {
      const pull =
        cell.isBend && at(cells, other).isBend ? BEND_WEIGHT : cell.isBend || at(cells, other).isBend ? 2 : 1;
      sum += at(cells, other).x * pull;
      weight += pull;
    }
    let block: Block = { wish: sum / weight - cell.width / 2, weight, width: cell.width, cells: [one] };
    let before = blocks.at(-1);
    while (before !== undefined && before.wish + before.width + gap > block.wish) {
      blocks.pop();
      const offset = before.width + gap;
      const both = before.weight + block.weight;
      block = {
        wish: (before.wish * before.weight + (block.wish - offset) * block.weight) / both,
        weight: both,
        width: offset + block.width,
        cells: [...before.cells, ...block.cells],
      };
      before = blocks.at(-1);
    }
    blocks.push(block);
  }
  for (const block of blocks) {
    let x = block.wish;
    for (const one of block.cells) {
      const cell = at(cells, one);
      cell.x = x + cell.width / 2;
      x += cell.width + gap;
    }
  }
}

function measured(
  boxes: readonly Box[],
  cells: readonly Cell[],
  rows: readonly (readonly number[])[],
  chains: readonly number[][],
  gaps: Gaps,
): Layout {
  const tops: number[] = [];
  const heights = rows.map((row) => Math.max(0, ...row.map((one) => at(cells, one).height)));
  let y = 0;
  for (const height of heights) {
    tops.push(y);
    y += height + gaps.layer;
  }
  const left = Math.min(...cells.map((cell) => cell.x - cell.width / 2));
  const right = Math.max(...cells.map((cell) => cell.x + cell.width / 2));
  const places = new Map<string, Point>();
  boxes.forEach((box, position) => {
    const cell = at(cells, position);
    places.set(box.id, { x: Math.round(cell.x - cell.width / 2 - left), y: at(tops, cell.layer) });
  });
  const bends = chains.map((cellsOfChain) =>
    cellsOfChain.map((one) => {
      const cell = at(cells, one);
      return { x: Math.round(cell.x - left), y: at(tops, cell.layer) + at(heights, cell.layer) / 2 };
    }),
  );
  return { places, bends, width: Math.round(right - left), height: y - gaps.layer };
}

function at<T>(values: readonly T[], index: number): T {
  return values[index] as T;
}
