// A worker in Node: prices requests. See README.md for what it reads from the environment.
import { createCamundaClient } from "@camunda8/orchestration-cluster-api";

const limit = Number(process.env.WORKER_JOBS ?? 0);
const client = createCamundaClient();
let count = 0;

const worker = client.createJobWorker({
  jobType: "price",
  workerName: "example-node",
  maxParallelJobs: 5,
  jobTimeoutMs: 60_000,
  pollTimeoutMs: 20_000,
  jobHandler: async (job) => {
    const { size } = job.variables;
    if (size === undefined) return job.error({ errorCode: "NO_PRICE", errorMessage: "the request has no size" });
    count += 1;
    const answered = await job.complete({ price: 4 * size });
    if (limit && count >= limit) setTimeout(() => { worker.stop(); process.exit(0); }, 200);
    return answered;
  },
});
