import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ApiError } from "../api/client";
import { Notices } from "../ui/Notices";
import { LiveStateProvider } from "./live-state";
import { makeRouter } from "./router";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What changes is told by the stream; the rest does not change by itself.
      staleTime: 10_000,
      retry: (count, problem) =>
        count < 2 && !(problem instanceof ApiError && problem.status >= 400 && problem.status < 500),
    },
  },
});
const router = makeRouter();

export function Studio() {
  return (
    <QueryClientProvider client={client}>
      <LiveStateProvider>
        <RouterProvider router={router} />
        <Notices />
      </LiveStateProvider>
    </QueryClientProvider>
  );
}
