/**
 * The examples of the original's README, each with what its comments promise: run in Node and in Chromium.
 *
 * `run` gets `start`, which gives a state with what was saved before, and the class `IoWrapper`; what it gives back is
 * compared with `expected`, without what JSON does not have.
 */

const users = Array.from({ length: 1000 }, (_, i) => ({ id: i, name: `User ${i}`, email: `user${i}@example.com`, score: (i * 7919) % 1000 }));
const isIn = (low, high) => (user) => user.score >= low && user.score <= high;

export const examples = [
  {
    name: "quick start: a computation, and a function that is there after a reload",
    async run({ start }) {
      const lua = await start();
      const four = await lua.compute("return 2 + 2");
      const hello = await lua.compute('return "Hello from Lua!"');
      await lua.compute(`
        function _home.fibonacci(n)
            if n <= 1 then return n end
            return _home.fibonacci(n - 1) + _home.fibonacci(n - 2)
        end`);
      const saved = await lua.saveState();
      const again = await start();
      return [four, hello, saved, await again.compute("return _home.fibonacci(10)")];
    },
    expected: [4, "Hello from Lua!", true, 55],
  },
  {
    name: "data in _home: stored, read, counted, filtered",
    async run({ start }) {
      let lua = await start();
      await lua.compute(`
        _home.users = _home.users or {}
        _home.users.user1 = { name = 'Alice', age = 30, status = 'active' }
        _home.users.user2 = { name = 'Bob', age = 25 }`);
      await lua.saveState();
      lua = await start();
      const user = await lua.compute("return _home.users.user1");
      const userCount = await lua.compute(`
        local count = 0
        for key, user in pairs(_home.users) do
            count = count + 1
        end
        return count`);
      const active = await lua.compute(`
        local active = {}
        for key, user in pairs(_home.users) do
            if user.status == "active" then
                table.insert(active, user)
            end
        end
        return active`);
      return [user, userCount, active];
    },
    expected: [{ name: "Alice", age: 30, status: "active" }, 2, [{ name: "Alice", age: 30, status: "active" }]],
  },
  {
    name: "structured input and output: nothing is awaited in between",
    async run({ start }) {
      const lua = await start();
      lua.setInput({
        users: [
          { id: 1, name: "Alice", score: 95 },
          { id: 2, name: "Bob", score: 87 },
          { id: 3, name: "Charlie", score: 92 },
        ],
        threshold: 90,
      });
      lua.compute(`
        local users = _io.input.users
        local threshold = _io.input.threshold

        local highScorers = {}
        for i, user in ipairs(users) do
          if user.score >= threshold then
            table.insert(highScorers, {
              name = user.name,
              score = user.score
            })
          end
        end

        _io.output = {
          highScorers = highScorers,
          count = #highScorers
        }`);
      const result = lua.getOutput();
      lua.compute(`
        _io.output = {
          result = "success",
          items = {1, 2, 3}
        }`);
      return [result, lua.getOutput()];
    },
    expected: [
      { highScorers: [{ name: "Alice", score: 95 }, { name: "Charlie", score: 92 }], count: 2 },
      { result: "success", items: [1, 2, 3] },
    ],
  },
  {
    name: "IoWrapper: computeWithIo",
    async run({ start, IoWrapper }) {
      const io = new IoWrapper(await start());
      const result = await io.computeWithIo(
        `
        local data = _io.input.dataset
        local sum = 0
        for i, v in ipairs(data) do
          sum = sum + v
        end
        _io.output = { sum = sum, average = sum / #data }`,
        { dataset: [10, 20, 30, 40, 50] },
      );
      const numbers = await io.computeWithIo("local sum = 0 for i, v in ipairs(_io.input.numbers) do sum = sum + v end _io.output = { sum = sum }", { numbers: [1, 2, 3, 4, 5] });
      return [result.output, numbers.output.sum];
    },
    expected: [{ sum: 150, average: 30 }, 15],
  },
  {
    name: "IoWrapper: processStream, with fractions",
    async run({ start, IoWrapper }) {
      const io = new IoWrapper(await start());
      const largeDataset = new Array(10_000).fill(0).map((_, i) => ({ id: i, value: Math.random() * 100 }));
      const results = await io.processStream(
        `
        local batch = _io.input.batch
        local processed = {}
        for i, item in ipairs(batch) do
          processed[i] = {
            id = item.id,
            doubled = item.value * 2
          }
        end
        _io.output = processed`,
        largeDataset,
        { batchSize: 1000 },
      );
      return [results.length, results.flat().every(({ id, doubled }, i) => id === i && doubled === largeDataset[i].value * 2)];
    },
    expected: [10, true],
  },
  {
    name: "IoWrapper: request",
    async run({ start, IoWrapper }) {
      const lua = await start();
      await lua.compute(`
        function calculateStats(params)
          local sum = 0
          for _, v in ipairs(params.data) do
            sum = sum + v
          end
          return { sum = sum }
        end`);
      const io = new IoWrapper(lua);
      const result = await io.request("calculateStats", { data: [1, 2, 3, 4, 5] });
      return [result.output, (await io.request("nothing")).output];
    },
    expected: [{ sum: 15 }, { error: "Unknown method: nothing" }],
  },
  {
    name: "functions that are kept, one with a variable",
    async run({ start }) {
      let lua = await start();
      await lua.compute(`
        function _home.taxCalculator(income, deductions)
            local taxable = income - (deductions or 0)
            local brackets = {10000, 50000, 100000}
            local rates = {0.1, 0.2, 0.3, 0.4}
            -- Complex tax calculation logic
            return taxable * rates[1]  -- Simplified
        end`);
      await lua.compute(`
        local count = 0
        function _home.counterFactory()
            count = count + 1
            return count
        end`);
      await lua.saveState();
      const use = `
        return {
            tax = _home.taxCalculator(75000, 5000),
            count1 = _home.counterFactory(),
            count2 = _home.counterFactory()
        }`;
      const result = await lua.compute(use);
      await lua.saveState();
      lua = await start();
      return [result, await lua.compute(use)];
    },
    expected: [
      { tax: 7000, count1: 1, count2: 2 },
      { tax: 7000, count1: 3, count2: 4 },
    ],
  },
  {
    name: "1000 users in one source text, and queries over them",
    async run({ start }) {
      const lua = await start();
      let insertCode = "_home.appUsers = _home.appUsers or {}\n";
      users.forEach((user) => {
        insertCode += `_home.appUsers.user_${user.id} = {
            id = ${user.id},
            name = "${user.name}",
            email = "${user.email}",
            score = ${user.score}
        }\n`;
      });
      await lua.compute(insertCode);
      const saved = await lua.saveState();
      const highScorers = await lua.compute(`
        local results = {}
        for key, user in pairs(_home.appUsers) do
            if user.score >= 800 then
                table.insert(results, user)
            end
        end
        table.sort(results, function(a, b) return a.score > b.score end)
        return results`);
      const midRangeUsers = await lua.compute(`
        local results = {}
        for key, user in pairs(_home.appUsers) do
            if user.score >= 400 and user.score <= 600 then
                table.insert(results, user)
            end
        end
        return results`);
      const emailResults = await lua.compute(`
        local results = {}
        for key, user in pairs(_home.appUsers) do
            if string.match(user.email, "example") then
                table.insert(results, user)
            end
        end
        return results`);
      return [insertCode.length > 65536, saved, highScorers, midRangeUsers.length, emailResults.length];
    },
    expected: [true, true, users.filter(isIn(800, 1000)).sort((a, b) => b.score - a.score), users.filter(isIn(400, 600)).length, 1000],
  },
  {
    name: "functions that analyse, random numbers, unpack",
    async run({ start }) {
      const lua = await start();
      await lua.compute(`
        function _home.average(values)
            local sum = 0
            for _, v in ipairs(values) do sum = sum + v end
            return sum / #values
        end

        function _home.median(values)
            table.sort(values)
            local n = #values
            if n % 2 == 0 then
                return (values[n/2] + values[n/2 + 1]) / 2
            else
                return values[(n + 1) / 2]
            end
        end

        function _home.stdev(values)
            local avg = _home.average(values)
            local sum = 0
            for _, v in ipairs(values) do
                sum = sum + (v - avg)^2
            end
            return math.sqrt(sum / #values)
        end`);
      const analysis = await lua.compute(`
        local scores = {}
        for i = 1, 100 do
            scores[i] = math.random(100, 1000)
        end

        return {
            average = _home.average(scores),
            median = _home.median(scores),
            stdev = _home.stdev(scores),
            min = math.min(unpack(scores)),
            max = math.max(unpack(scores))
        }`);
      const { min, max, average, median, stdev } = analysis;
      return [min >= 100 && max <= 1000 && min < max, average > min && average < max, median > min && median < max, stdev > 0, await lua.saveState()];
    },
    expected: [true, true, true, true, true],
  },
  {
    name: "1000 keys, and a query over them",
    async run({ start }) {
      const lua = await start();
      let code = "_home.bench = {}\n";
      for (let i = 0; i < 1000; i++) {
        code += `_home.bench.key${i} = "value${i}"\n`;
      }
      await lua.compute(code);
      const results = await lua.compute(`
        local results = {}
        for key, value in pairs(_home.bench) do
            if string.match(key, "key5") then
                table.insert(results, {key = key, value = value})
            end
        end
        return results`);
      return [results.length, results.every(({ key, value }) => value === key.replace("key", "value"))];
    },
    expected: [111, true],
  },
  {
    name: "errors, memory figures, and no end of calls",
    async run({ start }) {
      const lua = await start();
      const message = await lua.compute('return _home.getValue("key")').catch((error) => error.message);
      const stats = lua.getMemoryStats();
      const isTrue = stats.used > 0 && stats.used + stats.free === stats.total && stats.used !== Math.floor(stats.total * 0.6);
      let sum = 0;
      for (let i = 0; i < 3000; i++) sum += await lua.compute("return 2 + 2");
      return [message.replace(/^.*?:1: /, ""), isTrue, sum];
    },
    expected: ["attempt to call a nil value (field 'getValue')", true, 12000],
  },
];
