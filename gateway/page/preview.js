/** Pictures of pages, made by the platform itself: a quick job of `convert-preview` on a document of a job. */
import { get, post } from "./api.js";

const DRAWN = ["application/pdf", "image/png", "image/jpeg", "image/tiff", "image/webp", "image/bmp", "image/gif"];
const WAIT_S = 25;
/** So many times: a machine with much to do takes its time. */
const WAITS = 4;
const asked = new Map();

/** Whether pages of a document of this type can be shown. */
export function canShow(mediaType) {
  return DRAWN.includes(mediaType);
}

/** What names a document of a job: in the field `job` of a submission, and in addresses of the start page. */
export function inputOf(job, position = 0) {
  return `${job.id}/inputs/${position}`;
}

/** The same of an output. */
export function outputOf(job, output) {
  return `${job.id}/outputs/${encodeURIComponent(output.name)}`;
}

/** Run a quick operation on a document and wait for its record. Raises ApiError, or Error with the job's message. */
export async function quick(operation, reference, options, signal) {
  const form = new FormData();
  form.append("job", reference);
  form.append("options", JSON.stringify(options));
  let made = await post(`/v1/${operation}`, { body: form, signal });
  for (let wait = 0; wait < WAITS && ["pending", "processing"].includes(made.status); wait += 1) {
    made = await get(`/v1/jobs/${made.id}`, { query: { wait: WAIT_S }, signal });
  }
  if (made.status === "completed") return made;
  throw Object.assign(new Error(made.error?.message ?? "The preview takes longer than usual."), { remedy: made.error?.remedy ?? "" });
}

/** `{url, page, pages, width, height, width_points, height_points}` of one page. Asked once, kept while the page is open. */
export function pagePicture(reference, page, edge_pixels = 1200) {
  const key = `${reference} ${page} ${edge_pixels}`;
  if (!asked.has(key)) {
    const picture = quick("convert-preview", reference, { page, long_edge_pixels: edge_pixels, to: "webp" }).then(({ result, outputs }) => ({
      url: outputs[0].url,
      page: result.page,
      pages: result.document_pages,
      width: result.width_pixels,
      height: result.height_pixels,
      width_points: result.width_points,
      height_points: result.height_points,
    }));
    picture.catch(() => asked.delete(key));
    asked.set(key, picture);
  }
  return asked.get(key);
}
