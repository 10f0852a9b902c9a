import { expect, test } from "vitest";
import { call } from "./call.ts";

test.each(["", " ", ",", " , "])(
	"ids that name nothing (%j) are refused, and leave nothing to the filters",
	async (ids) => {
		for (const intent of ["cancel-runs", "replay-runs"]) {
			const { text, exit, asked } = await call("dev", [intent, ids, "--function", "shop/a"]);
			expect([text.split(" ").slice(0, 5).join(" "), exit, asked]).toEqual(["RUN_ID must be an id", 2, []]);
		}
	},
);
