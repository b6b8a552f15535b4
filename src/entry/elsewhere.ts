import { runsElsewhere } from "../compose/runs-elsewhere.ts";
import type { Settings } from "../config/settings.ts";
import type { ActivityFeed } from "../http/live/feed.ts";
import type { Activity } from "./activity.ts";

/** Between two looks. */
const lookMs = 1_000;

/** The feed of a server's activity, with what other processes are indexing; looked for only as long as anybody follows. */
export function withElsewhere(activity: Activity, settings: Settings): ActivityFeed {
  let followers = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    activity.elsewhere(await runsElsewhere(settings));
    timer = followers === 0 ? undefined : setTimeout(look, lookMs).unref();
  };
  return {
    state: activity.feed.state,
    subscribe(changed) {
      const unsubscribe = activity.feed.subscribe(changed);
      followers++;
      // A look that is under way goes on by itself.
      if (followers === 1 && timer === undefined) timer = setTimeout(look, 0).unref();
      return () => {
        followers--;
        unsubscribe();
      };
    },
  };
}
