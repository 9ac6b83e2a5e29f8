// Conversations as a file: at once, or, when they are too many for an answer, from the job that writes it.

import { type Api, Refused, save, withQuery } from '../api';
import { goesOn, type Job } from '../knowledge/report';

const LOOK_AGAIN = 1000;

/** Saves the file, or gives its address when it is kept elsewhere. `told` is given how many conversations are written. */
export async function exported(api: Api, query: Record<string, string>, told: (count: number) => void): Promise<string> {
  let answer = await api.raw(withQuery('/conversations/export', query));
  if (answer.status === 202) {
    const { id, file } = await written(api, (await answer.json()) as Job, told);
    if (new URL(file, location.href).origin !== location.origin) return file;
    answer = await api.raw(`/jobs/${id}/file`);
  }
  save(await answer.blob(), `conversations.${query.format}`);
  return '';
}

/** The job once it has ended. Raises Refused when it has failed. */
async function written(api: Api, begun: Job, told: (count: number) => void): Promise<{ id: string; file: string }> {
  let job = begun;
  while (goesOn(job)) {
    told(job.done);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    job = await api.get<Job>(`/jobs/${begun.id}`);
  }
  if (!job.file) throw new Refused(503, 'failed');
  return { id: job.id, file: job.file };
}
