//! The hidden variables of loops, overwritten by `debug.setlocal`: whatever is put there, nothing breaks.
//!
//! What PUC Lua does then is undefined, so this is no program of the suite.

use crate::machine::Machine;

#[test]
fn numeric_loops_bear_any_value_in_their_hidden_variables() {
    for start in ["1, 5", "1.0, 5", "5, 1, -1", "1, 5, 0.5"] {
        for hidden in 1..=3 {
            for value in [
                "'a string' .. i",
                "{}",
                "nil",
                "true",
                "2.5",
                "print",
                "1",
                "-1",
            ] {
                check_numeric(start, hidden, value, "");
                // Under a hook, steps are made by other code.
                check_numeric(start, hidden, value, "debug.sethook(function() end, 'l')");
            }
        }
    }
}

fn check_numeric(start: &str, hidden: u32, value: &str, before: &str) {
    let mut machine = Machine::new();
    machine.vm.set_fuel(Some(20_000));
    // The end of the fuel is an answer, too.
    let _ = machine.run(format!(
        "{before}
        local seen = {{}}
        for i = {start} do
            local _, v = debug.getlocal(1, {hidden} + 1)
            seen[#seen % 10 + 1] = tostring(v)
            debug.setlocal(1, {hidden} + 1, {value})
            collectgarbage('step')
        end
        debug.sethook()
        return #seen"
    ));
    machine.assert_usable(&format!("{start} with {value} in variable {hidden}"));
}

#[test]
fn generic_loops_bear_any_value_in_their_hidden_variables() {
    for hidden in 1..=4 {
        for value in ["'a string' .. k", "{}", "nil", "true", "next", "1", "-1"] {
            let mut machine = Machine::new();
            machine.vm.set_fuel(Some(20_000));
            let _ = machine.run(format!(
                "local t = {{1, 2, 3, a = 4, b = 5}}
                for _, f in ipairs {{pairs, ipairs}} do
                    pcall(function()
                        for k, v in f(t) do
                            local _, v = debug.getlocal(1, {hidden})
                            assert(tostring(v))
                            debug.setlocal(1, {hidden}, {value})
                            collectgarbage('step')
                        end
                    end)
                end"
            ));
            machine.assert_usable(&format!("{value} in variable {hidden}"));
        }
    }
}
