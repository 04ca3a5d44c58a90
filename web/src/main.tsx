import "@fontsource-variable/inter";
import "./ui/tokens.css";
import "./ui/base.css";
import "./app/shell.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Studio } from "./app/Studio";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Studio />
    </StrictMode>,
  );
}
