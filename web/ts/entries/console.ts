/** Output where there is no terminal: whole lines go to the console. */

function lines(log: (line: string) => void): (text: string) => void {
  let rest = "";
  let isDue = false;
  return (text) => {
    const all = (rest + text).split("\n");
    rest = all.pop() ?? "";
    for (const line of all) log(line);
    if (rest !== "" && !isDue) {
      // What does not end a line is shown when nothing more comes.
      isDue = true;
      queueMicrotask(() => {
        isDue = false;
        if (rest !== "") log(rest);
        rest = "";
      });
    }
  };
}

export const stdout = lines((line) => console.log(line));
export const stderr = lines((line) => console.error(line));
