// Judges an OpenAPI document by Redocly's rules, the recommended ones, where a warning is an error too.
//
//   node lint.mjs DOCUMENT
//
// Each finding is a line on standard output; without one the exit code is 0. No rule is off. This is the library beneath Redocly's
// command line, which would bring ten times the packages' size and send statistics home.

import { createConfig, lint } from "@redocly/openapi-core";

const config = await createConfig({ extends: ["recommended-strict"] });
const findings = await lint({ ref: process.argv[2], config });
for (const { ruleId, message, location } of findings) console.log(`${location[0].pointer}: ${message} (${ruleId})`);
process.exitCode = findings.length === 0 ? 0 : 1;
