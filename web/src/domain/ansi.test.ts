import { expect, it } from "vitest";
import { piecesOf } from "./ansi";

const ESC = "\u001b";

it("colours become classes", () => {
  expect(piecesOf(`a ${ESC}[1;31mred${ESC}[0m b`)).toEqual([
    { text: "a ", className: "" },
    { text: "red", className: "bold ansi-red" },
    { text: " b", className: "" },
  ]);
});

it("a colour takes the place of the one before", () => {
  expect(piecesOf(`${ESC}[32mgo${ESC}[91mstop${ESC}[39mend`).map((piece) => piece.className)).toEqual([
    "ansi-green",
    "ansi-red",
    "",
  ]);
});

it("a progress bar shows its last state", () => {
  expect(piecesOf("10%\r50%\r100%\r")).toEqual([{ text: "100%", className: "" }]);
});

it("cursor movements, titles and links leave nothing behind", () => {
  const line = `${ESC}]0;title\u0007${ESC}[2K${ESC}]8;;x${ESC}\\text${ESC}]8;;${ESC}\\`;

  expect(
    piecesOf(line)
      .map((piece) => piece.text)
      .join(""),
  ).toBe("text");
});

it("markup stays text", () => {
  expect(piecesOf("<script>alert(1)</script>")).toEqual([{ text: "<script>alert(1)</script>", className: "" }]);
});
