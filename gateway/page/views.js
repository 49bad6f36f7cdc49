/**
 * Every view of the page, in one table: its address behind `#`, its title, its place in the navigation, its module.
 *
 * `nav` is the label in the navigation (none: not in it), `section` that in the operators' own; `scope` hides it from
 * callers that lack the scope.
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
  { path: "/operate", title: "Queues", nav: "Operate", section: "Queues", scope: "admin", load: () => import("./views/operate/queues.js") },
  { path: "/operate/queues/:name", title: "Queue", scope: "admin", load: () => import("./views/operate/queue.js") },
  { path: "/operate/jobs", title: "Jobs", section: "Jobs", scope: "admin", load: () => import("./views/operate/jobs.js") },
  { path: "/operate/workers", title: "Workers", section: "Workers", scope: "admin", load: () => import("./views/operate/workers.js") },
  { path: "/operate/keys", title: "API keys", section: "Keys", scope: "admin", load: () => import("./views/operate/keys.js") },
  { path: "/operate/webhooks", title: "Webhooks", section: "Webhooks", scope: "admin", load: () => import("./views/operate/webhooks.js") },
  { path: "/operate/webhooks/:id", title: "Webhook", scope: "admin", load: () => import("./views/operate/webhook.js") },
  { path: "/operate/journal", title: "Journal", section: "Journal", scope: "admin", load: () => import("./views/operate/journal.js") },
  { path: "/operate/health", title: "Health", section: "Health", scope: "admin", load: () => import("./views/operate/health.js") },
];
