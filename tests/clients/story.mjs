// What the official Node client does, unmodified and with its own strict validation of every answer. Prints one JSON object.
import { createCamundaClient } from "@camunda8/orchestration-cluster-api";

const diagrams = process.env.DIAGRAMS;
const camunda = createCamundaClient({ config: { CAMUNDA_SDK_VALIDATION: "req:strict,res:strict" } });
const now = { consistency: { waitUpToMs: 0 } };
const told = {};

const topology = await camunda.getTopology();
told.gateway = topology.gatewayVersion;

const files = ["order.bpmn"].map((name) => `${diagrams}/${name}`);
const deployed = await camunda.deployResourcesFromFiles(files);
told.processes = deployed.processes.map((each) => each.processDefinitionId);
const reviewed = await camunda.deployResourcesFromFiles(["review.bpmn", "rating.dmn", "opinion.form"].map((name) => `${diagrams}/${name}`));
told.reviewed = [reviewed.processes.length, reviewed.decisions.length, reviewed.forms.length];

// A worker, and the awaited result.
const worker = camunda.createJobWorker({
  jobType: "price",
  maxParallelJobs: 2,
  jobTimeoutMs: 60_000,
  pollTimeoutMs: 5_000,
  jobHandler: async (job) => job.complete({ price: 4 * job.variables.size }),
});
const result = await camunda.createProcessInstance({
  processDefinitionId: "order", variables: { size: 3 }, awaitCompletion: true, requestTimeout: 30_000, fetchVariables: ["price"],
});
worker.stop();
told.result = result.variables;

// A job that fails for good, its incident, and its resolution.
const failing = await camunda.createProcessInstance({ processDefinitionId: "order", variables: { size: 1 } });
const key = failing.processInstanceKey;
const take = async () => (await camunda.activateJobs({ type: "price", timeout: 60_000, maxJobsToActivate: 1, requestTimeout: 10_000, worker: "story" })).jobs;
await new Promise((resolve) => setTimeout(resolve, 500));
const [job] = await take();
await camunda.failJob({ jobKey: job.jobKey, retries: 0, errorMessage: "broken" });
const incidents = await camunda.searchIncidents({ filter: { processInstanceKey: key } }, now);
told.incident = [incidents.items[0].errorType, incidents.items[0].errorMessage];
await camunda.resolveIncident({ incidentKey: incidents.items[0].incidentKey });
const [again] = await take();
await camunda.completeJob({ jobKey: again.jobKey });

// A task, a message, a signal.
const review = await camunda.createProcessInstance({ processDefinitionId: "review", variables: { size: 20, invoice: "F-1" } });
const tasks = await camunda.searchUserTasks({ filter: { state: "CREATED" } }, now);
const [task] = tasks.items;
told.task = task.name;
await camunda.assignUserTask({ userTaskKey: task.userTaskKey, assignee: "ana@ville.example" });
await camunda.getUserTaskForm({ userTaskKey: task.userTaskKey }, now);
await camunda.completeUserTask({ userTaskKey: task.userTaskKey, variables: { approved: true } });
const reached = await camunda.correlateMessage({ name: "paid", correlationKey: "F-1" });
told.correlated = reached.processInstanceKey === review.processInstanceKey;
await camunda.publishMessage({ name: "paid", correlationKey: "F-2", timeToLive: 1000 });
await camunda.broadcastSignal({ signalName: "open" });
const ended = await camunda.getProcessInstance({ processInstanceKey: review.processInstanceKey }, now);
told.ended = ended.state;

// Decisions, variables, searches.
const decided = await camunda.evaluateDecision({ decisionDefinitionId: "rating", variables: { size: 4 } });
told.decided = decided.output;
const variables = await camunda.searchVariables({ filter: { processInstanceKey: review.processInstanceKey, name: "rating" } }, now);
told.variable = variables.items[0].value;
const found = await camunda.searchProcessInstances({ filter: { state: "COMPLETED" }, sort: [{ field: "startDate", order: "DESC" }], page: { limit: 2 } }, now);
told.found = [found.items.length, found.page.totalItems];
await camunda.searchElementInstances({ filter: { processInstanceKey: review.processInstanceKey } }, now);
await camunda.searchProcessDefinitions({ filter: { isLatestVersion: true } }, now);
await camunda.searchDecisionDefinitions({}, now);
await camunda.searchDecisionInstances({}, now);
await camunda.searchJobs({}, now);

console.log(JSON.stringify(told));
process.exit(0);
