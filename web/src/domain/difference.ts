/** What two texts differ in, line by line. */

export interface Line {
  /** `=` in both, `-` only in the first, `+` only in the second. */
  mark: "=" | "-" | "+";
  text: string;
  /** Number in the first text, and in the second; 0 where it is not. */
  before: number;
  after: number;
}

/** Beyond it the middle is shown as taken out and put in: nobody reads such a comparison line by line. */
const CELLS_MAX = 4_000_000;

/** Every line of both texts, in an order that keeps as many of them as possible. */
export function difference(before: string, after: string): Line[] {
  const one = linesOf(before);
  const other = linesOf(after);
  let head = 0;
  while (head < one.length && head < other.length && one[head] === other[head]) {
    head += 1;
  }
  let tail = 0;
  while (tail < Math.min(one.length, other.length) - head && one.at(-1 - tail) === other.at(-1 - tail)) {
    tail += 1;
  }
  const marks = [
    ...one.slice(0, head).map((text) => ({ mark: "=" as const, text })),
    ...middle(one.slice(head, one.length - tail), other.slice(head, other.length - tail)),
    ...one.slice(one.length - tail).map((text) => ({ mark: "=" as const, text })),
  ];
  return numbered(marks);
}

/** Only what differs, with some lines around it; null stands for lines that were left out. */
export function withoutEqual(lines: readonly Line[], around = 3): (Line | null)[] {
  const isNear = lines.map(() => false);
  lines.forEach((line, at) => {
    if (line.mark !== "=") {
      isNear.fill(true, Math.max(0, at - around), at + around + 1);
    }
  });
  return lines.flatMap((line, at) => (isNear[at] ? [line] : at > 0 && !isNear[at - 1] ? [] : [null]));
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

type Marked = Pick<Line, "mark" | "text">;

function middle(one: readonly string[], other: readonly string[]): Marked[] {
  const out = one.map((text): Marked => ({ mark: "-", text }));
  const into = other.map((text): Marked => ({ mark: "+", text }));
  if (one.length === 0 || other.length === 0 || one.length * other.length > CELLS_MAX) {
    return [...out, ...into];
  }
  // How many lines the ends of both have in common, from each pair of places on.
  const width = other.length + 1;
  const common = new Uint32Array((one.length + 1) * width);
  for (let a = one.length - 1; a >= 0; a -= 1) {
    for (let b = other.length - 1; b >= 0; b -= 1) {
      common[a * width + b] =
        one[a] === other[b]
          ? (common[(a + 1) * width + b + 1] as number) + 1
          : Math.max(common[(a + 1) * width + b] as number, common[a * width + b + 1] as number);
    }
  }
  const found: Marked[] = [];
  let a = 0;
  let b = 0;
  while (a < one.length && b < other.length) {
    if (one[a] === other[b]) {
      found.push({ mark: "=", text: one[a] as string });
      a += 1;
      b += 1;
    } else if ((common[(a + 1) * width + b] as number) >= (common[a * width + b + 1] as number)) {
      found.push(out[a] as Marked);
      a += 1;
    } else {
      found.push(into[b] as Marked);
      b += 1;
    }
  }
  return [...found, ...out.slice(a), ...into.slice(b)];
}

function numbered(marks: readonly Marked[]): Line[] {
  let before = 0;
  let after = 0;
  return marks.map(({ mark, text }) => {
    before += mark === "+" ? 0 : 1;
    after += mark === "-" ? 0 : 1;
    return { mark, text, before: mark === "+" ? 0 : before, after: mark === "-" ? 0 : after };
  });
}
