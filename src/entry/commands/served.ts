import type { AppDependencies } from "../../http/dependencies.ts";
import { mcpRoute } from "../../http/mcp/route.ts";
import { answerRoute } from "../../http/routes/answer.ts";
import { vectorStoreDoor } from "../../http/vector-stores/door.ts";

/** What a server of one's own serves beside the searches that every deployable does. The client is made from the same. */
export const served = {
  answers: answerRoute,
  mcp: mcpRoute,
  doors: [vectorStoreDoor],
} as const satisfies Partial<AppDependencies>;
