// Calls every GET of the gateway with nothing but its OpenAPI document: the types in gateway.ts are generated from it.
//
//   node client.js ADDRESS
//
// ADDRESS is the URL of the REST front. The paths of the document that it called, and whose answers were right, are an array on
// standard output. It does not compile while a GET is missing below, or while a field that it reads is not documented as such.

import createClient from "openapi-fetch";

import type { components, paths } from "./gateway.js";

type Gets = { [Path in keyof paths]: paths[Path]["get"] extends undefined ? never : Path }[keyof paths];
type Schemas = components["schemas"];

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });

/** What was answered, where a problem would have been an answer as well. */
async function expected<T>(asked: Promise<{ data?: T; error?: Schemas["Problem"]; response: Response }>): Promise<T> {
  const { data, error, response } = await asked;
  if (data === undefined) throw new Error(`${response.url}: ${error?.status} ${error?.detail}`);
  return data;
}

function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not as documented: ${what}`);
}

/** Some of what a caller reads of outcomes: which sources did not answer, and why. */
function failures(outcomes: Schemas["SourceOutcome"][]): string[] {
  return outcomes.filter(({ state }) => state !== "STATE_ANSWERED").map(({ source, status }) => `${source}: ${status?.message}`);
}

const calls: Record<Gets, () => Promise<void>> = {
  "/v1/overview": async () => {
    const query = { readMask: "metrics,timeSeries", period: "PERIOD_WEEK", limit: 3 } as const;
    const answer = await expected(client.GET("/v1/overview", { params: { query } }));
    const points: number = answer.timeSeries.flatMap((series) => series.points).length;
    assert(points > 0 && answer.accounts.length === 0, "an overview by its mask");
  },
  "/v1/metrics": async () => {
    const answer = await expected(client.GET("/v1/metrics", { params: { query: { metrics: ["zylon.projects"] } } }));
    const value: number | undefined = answer.metrics[0]?.value;
    assert(typeof value === "number", "a metric has a number");
    assert(failures(answer.outcomes).length === 0, "every source answered");
  },
  "/v1/metricDescriptors": async () => {
    const answer = await expected(client.GET("/v1/metricDescriptors"));
    assert(answer.metricDescriptors.every(({ metric }) => metric.includes(".")), "metrics have ids");
  },
  "/v1/timeSeries": async () => {
    const query = { startTime: "2026-01-01T00:00:00Z", metrics: ["fluidtopics.events"], eventNames: ["khub.search"] };
    const answer = await expected(client.GET("/v1/timeSeries", { params: { query } }));
    assert(answer.timeSeries.every(({ period }) => period === "PERIOD_DAY"), "a day is the default period");
  },
  "/v1/rankings/{ranking}": async () => {
    const params = { path: { ranking: "active-users" }, query: { sources: ["ai"], limit: 2 } };
    const answer = await expected(client.GET("/v1/rankings/{ranking}", { params }));
    const names: (string | undefined)[] | undefined = answer.rankings[0]?.entries.map(({ user }) => user?.id);
    assert(names?.length === 2, "a ranking is as long as asked");
  },
  "/v1/events": async () => {
    const query = { pageSize: 2, order: "EVENT_ORDER_OLDEST_FIRST" } as const;
    const answer = await expected(client.GET("/v1/events", { params: { query } }));
    const attributes: unknown = answer.events[0]?.attributes;
    assert(typeof attributes === "object" && answer.nextPageToken !== "", "a page of events");
  },
  "/v1/events:stream": async () => {
    const { response } = await client.GET("/v1/events:stream", { parseAs: "stream" });
    const lines = (await response.text()).trimEnd().split("\n");
    const items = lines.map((line): Schemas["StreamEventsResponse"] | Schemas["StreamFailure"] => JSON.parse(line));
    const last = items.at(-1);
    assert(last !== undefined && "end" in last && last.end !== undefined, "a stream ends with its end");
    const count: string = last.end.eventCount; // 64 bits
    assert(Number(count) > 0, "an end counts");
  },
  "/v1/events:count": async () => {
    const answer = await expected(client.GET("/v1/events:count", { params: { query: { sources: ["docs"] } } }));
    const count: string | undefined = answer.counts[0]?.count;
    assert(Number(count) > 0, "a count counts");
  },
  "/v1/accounts": async () => {
    const query = { readMask: "name,license.expiryTime" };
    const answer = await expected(client.GET("/v1/accounts", { params: { query } }));
    assert(answer.accounts[0]?.name !== undefined, "an account has a name");
  },
  "/v1/sources": async () => {
    const answer = await expected(client.GET("/v1/sources"));
    assert(answer.sources.length === 3, "three sources are configured");
  },
  "/v1/sources/{source}": async () => {
    const answer = await expected(client.GET("/v1/sources/{source}", { params: { path: { source: "crm" } } }));
    assert(answer.source?.kind === "superoffice", "a source has a kind");
  },
};

/** What a program reads of a failure. */
async function refused(): Promise<void> {
  const { error, response } = await client.GET("/v1/rankings/{ranking}", { params: { path: { ranking: "tallest-users" } } });
  assert(error !== undefined && response.status === 404, "an unknown ranking is not found");
  const problem: Schemas["Problem"] = error;
  const reason: unknown = problem.error.details[0]?.["reason"];
  assert(problem.status === 404 && reason === "RANKING_UNKNOWN", "a problem has its reason");
}

await refused();
await Promise.all(Object.values(calls).map((call) => call()));
process.stdout.write(JSON.stringify(Object.keys(calls)));
