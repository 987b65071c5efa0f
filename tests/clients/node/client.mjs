// Calls the gateway over gRPC with nothing but its contract: no stubs were generated for it, in this language or another.
//
//   node client.mjs ADDRESS CONTRACT < calls.json > answers.json
//
// ADDRESS is HOST:PORT, CONTRACT the file of a descriptor set. The calls are an array of {service, method, request}, with requests in
// proto3 JSON; the answers are an array of arrays, one item per message that came: a single one for a unary call.

import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

import { createFileRegistry, fromBinary, fromJson, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

const [address, contract] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(contract)));
const transport = createGrpcTransport({ baseUrl: `http://${address}` });

async function answer({ service, method, request }) {
  const described = registry.getService(service).methods.find((each) => each.name === method);
  const call = createClient(described.parent, transport)[described.localName];
  const message = fromJson(described.input, request, { registry });
  const items = [];
  for await (const item of described.methodKind === "server_streaming" ? call(message) : [await call(message)]) {
    items.push(toJson(described.output, item, { registry, alwaysEmitImplicit: true }));
  }
  return items;
}

const calls = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await Promise.all(calls.map(answer))));
