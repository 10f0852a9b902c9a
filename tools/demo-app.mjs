// The Inngest app of `npm run demo -- --dev`, run in a folder that has the npm package `inngest`: imports a catalogue whose columns are in $CATALOG.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Inngest, NonRetriableError } from "inngest";
import { serve } from "inngest/node";

const client = new Inngest({ id: "demo-shop", isDev: true });
const importCatalog = client.createFunction(
	{ id: "import-catalog", retries: 0, triggers: [{ event: "demo/import.started" }] },
	async ({ event, step }) => {
		await step.run("download", () => ({ rows: 7 }));
		await step.run("parse", () => {
			if (readFileSync(process.env.CATALOG ?? "", "utf8").includes("sku")) return { ok: true };
			throw new NonRetriableError(`column 'sku' missing in row ${event.data.row}`);
		});
		return { imported: 7 };
	},
);
createServer(serve({ client, functions: [importCatalog] })).listen(Number(process.env.PORT), "127.0.0.1");
