/**
 * Every view of the page, in one table: its address behind `#`, its title, its place in the navigation, its module.
 *
 * `nav` is the label in the navigation (none: not in it); `scope` hides it from callers that lack the scope.
 * The module's `default` is a component; it gets `params` (the `:parts` of the address) and `query` (URLSearchParams).
 */
export const VIEWS = [
  { path: "/", title: "Start", nav: "Start", load: () => import("./views/start.js") },
  { path: "/do/:operation", title: "Start", load: () => import("./views/start.js") },
  { path: "/jobs", title: "Jobs", nav: "Jobs", load: () => import("./views/jobs.js") },
  { path: "/jobs/:id", title: "Job", load: () => import("./views/job.js") },
  { path: "/batches/:id", title: "Batch", load: () => import("./views/batch.js") },
  { path: "/pipelines", title: "Pipelines", nav: "Pipelines", load: () => import("./views/new_pipeline.js") },
  { path: "/pipelines/:id", title: "Pipeline", load: () => import("./views/pipeline.js") },
];
