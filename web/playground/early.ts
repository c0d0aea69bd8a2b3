/** What has to be there before the page is shown: the chosen theme. It is a plain script, which the page waits for. */

import { applyChosen } from "./theme.ts";

applyChosen();
