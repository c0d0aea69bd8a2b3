//! What was measured, as tables for people and as JSON for programs.

use std::fmt::Write;

use super::count::Comparison;
use super::{Engine, Plan, Race, Runner, Samples};

/// All figures of a run.
pub(super) struct Report<'a> {
    plan: &'a Plan,
    programs: &'a [String],
    samples: &'a Samples,
    /// Instructions, where they were counted.
    pub counts: Vec<Comparison>,
}

impl<'a> Report<'a> {
    /// A report without instructions.
    pub(super) fn new(plan: &'a Plan, programs: &'a [String], samples: &'a Samples) -> Self {
        Report {
            plan,
            programs,
            samples,
            counts: Vec::new(),
        }
    }

    /// A table for each race.
    pub(super) fn tables(&self) -> String {
        let mut text = String::new();
        for race in &self.plan.races {
            self.table(&mut text, race);
        }
        for comparison in &self.counts {
            self.count_table(&mut text, comparison);
        }
        text
    }

    fn runner(&self, idx: usize) -> Option<&Runner> {
        self.plan.runners.get(idx)
    }

    /// The times of a runner in one program, round by round.
    fn times(&self, runner: usize, program: usize) -> &[Option<f64>] {
        let programs = self.samples.get(runner).map(Vec::as_slice);
        let rounds = programs.unwrap_or_default().get(program);
        rounds.map(Vec::as_slice).unwrap_or_default()
    }

    /// Our median, the other's, and that of the ratios, for the rounds that both ended.
    fn result(&self, (ours, other): (usize, usize), program: usize) -> Option<[f64; 3]> {
        let ours = self.times(ours, program);
        let other = self.times(other, program);
        let pairs: Vec<(f64, f64)> = ours
            .iter()
            .zip(other)
            .filter_map(|(ours, other)| ours.zip(*other))
            .collect();
        Some([
            median(pairs.iter().map(|pair| pair.0))?,
            median(pairs.iter().map(|pair| pair.1))?,
            median(pairs.iter().map(|(ours, other)| other / ours))?,
        ])
    }

    fn table(&self, text: &mut String, race: &Race) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}", race.title);
        let _ = write!(text, "{:16}", "program");
        for &(ours, _) in &race.columns {
            let mode = self.runner(ours).map_or("", |runner| runner.mode.name());
            let _ = write!(text, " {mode:>6}: ours ms   other ms    ratio");
        }
        text.push('\n');
        let mut columns = vec![Vec::new(); race.columns.len()];
        for (idx, program) in self.programs.iter().enumerate() {
            let _ = write!(text, "{program:16}");
            for (&column, ratios) in race.columns.iter().zip(&mut columns) {
                match self.result(column, idx) {
                    Some([ours, other, ratio]) => {
                        ratios.push((ratio, program.as_str()));
                        let (ours, other) = (ours * 1e3, other * 1e3);
                        let _ = write!(text, "      {ours:10.1} {other:10.1} {ratio:8.2}");
                    }
                    None => text.push_str(&format!("{:>35}", "failed")),
                }
            }
            text.push('\n');
        }
        for (&(ours, _), ratios) in race.columns.iter().zip(&columns) {
            let mode = self.runner(ours).map_or("", |runner| runner.mode.name());
            let _ = writeln!(text, "{mode}: {}", summary(ratios));
        }
    }

    fn count_table(&self, text: &mut String, comparison: &Comparison) {
        let _ = writeln!(text, "\n{}, instructions", comparison.title);
        let _ = writeln!(
            text,
            "{:16} {:>12} {:>12} {:>8}",
            "program", "ours M", "other M", "ratio"
        );
        let mut ratios = Vec::new();
        for (program, pair) in self.programs.iter().zip(&comparison.counts) {
            let row = match pair {
                &Some((ours, other)) => {
                    let ratio = other as f64 / ours.max(1) as f64;
                    ratios.push((ratio, program.as_str()));
                    let (ours, other) = (ours as f64 / 1e6, other as f64 / 1e6);
                    format!("{ours:12.1} {other:12.1} {ratio:8.2}")
                }
                None => format!("{:>34}", "failed"),
            };
            let _ = writeln!(text, "{program:16} {row}");
        }
        let _ = writeln!(text, "instructions: {}", summary(&ratios));
    }

    /// Everything, with the times of each round.
    pub(super) fn json(&self) -> String {
        let mut rows = Vec::new();
        for race in &self.plan.races {
            for &column in &race.columns {
                for (idx, program) in self.programs.iter().enumerate() {
                    rows.push(self.json_row(race, column, idx, program));
                }
            }
        }
        for comparison in &self.counts {
            for (program, pair) in self.programs.iter().zip(&comparison.counts) {
                let [ours, other] = match pair {
                    Some((ours, other)) => [ours.to_string(), other.to_string()],
                    None => ["null".to_owned(), "null".to_owned()],
                };
                rows.push(format!(
                    "{{\"race\":{},\"mode\":\"instructions\",\"program\":{},\"ours\":[{ours}],\"other\":[{other}]}}",
                    quoted(&comparison.title),
                    quoted(program),
                ));
            }
        }
        format!("[\n{}\n]\n", rows.join(",\n"))
    }

    fn json_row(&self, race: &Race, column: (usize, usize), idx: usize, program: &str) -> String {
        let seconds = |runner: usize| {
            let times = self.times(runner, idx).iter();
            let shown = times.map(|time| time.map_or("null".to_owned(), |time| time.to_string()));
            format!("[{}]", shown.collect::<Vec<_>>().join(","))
        };
        let engine = |runner: usize| match self.runner(runner).map(|runner| &runner.engine) {
            Some(Engine::Native(path) | Engine::Module(path)) => quoted(&path.to_string_lossy()),
            Some(Engine::Wasmoon) => quoted("wasmoon"),
            None => "null".to_owned(),
        };
        let mode = self
            .runner(column.0)
            .map_or("", |runner| runner.mode.name());
        let ratio = self.result(column, idx);
        let ratio = ratio.map_or("null".to_owned(), |[_, _, ratio]| ratio.to_string());
        format!(
            "{{\"race\":{},\"mode\":\"{mode}\",\"program\":{},\"ours\":{},\"other\":{},\"ratio\":{ratio},\"engines\":[{},{}]}}",
            quoted(&race.title),
            quoted(program),
            seconds(column.0),
            seconds(column.1),
            engine(column.0),
            engine(column.1),
        )
    }
}

/// The geometric mean of some ratios, and the worst of them.
fn summary(ratios: &[(f64, &str)]) -> String {
    let sum: f64 = ratios.iter().map(|(ratio, _)| ratio.ln()).sum();
    let n = ratios.len();
    let mean = (sum / n.max(1) as f64).exp();
    let worst = ratios.iter().min_by(|a, b| a.0.total_cmp(&b.0));
    let worst = worst.map_or(String::new(), |(ratio, program)| {
        format!("; the worst is {program} with {ratio:.2}")
    });
    format!("geometric mean of {n} programs: {mean:.2} times as fast{worst}")
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

/// A string of JSON.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::super::Mode;
    use super::*;

    fn plan() -> Plan {
        let mut plan = Plan::default();
        let (ours, other) = (Engine::Module("a.wasm".into()), Engine::Wasmoon);
        let sides = [Mode::Warm, Mode::Cold].map(|mode| [(&ours, mode), (&other, mode)]);
        plan.race("a \"race\"".to_owned(), &sides);
        plan
    }

    fn programs() -> Vec<String> {
        ["a", "b", "c"].map(str::to_owned).to_vec()
    }

    #[test]
    fn the_median_of_an_even_count_lies_between() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
        assert_eq!(median([].into_iter()), None);
    }

    #[test]
    fn ratios_are_of_rounds_and_the_mean_skips_failures() {
        let (plan, programs) = (plan(), programs());
        let ours = vec![vec![Some(1.0), Some(3.0)], vec![Some(1.0)], vec![None]];
        let other = vec![
            vec![Some(4.0), Some(12.0)],
            vec![Some(1.0)],
            vec![Some(1.0)],
        ];
        let samples = vec![ours.clone(), other.clone(), ours, other];
        let text = Report::new(&plan, &programs, &samples).tables();
        let mean =
            "warm: geometric mean of 2 programs: 2.00 times as fast; the worst is b with 1.00";
        assert!(text.contains(mean), "{text}");
        assert!(text.contains("failed"));
    }

    #[test]
    fn the_same_engine_runs_once_for_all_races() {
        let mut plan = plan();
        let (ours, other) = (
            Engine::Module("a.wasm".into()),
            Engine::Native("lua5.4".into()),
        );
        plan.race(
            "b".to_owned(),
            &[[(&ours, Mode::Warm), (&other, Mode::Whole)]],
        );
        assert_eq!(plan.runners.len(), 5);
    }

    #[test]
    fn json_is_quoted() {
        let (plan, programs) = (plan(), programs());
        let samples = vec![vec![vec![Some(0.5)]; 3]; 4];
        let json = Report::new(&plan, &programs[..1], &samples).json();
        assert!(json.contains(r#""race":"a \"race\"","mode":"warm","program":"a","ours":[0.5],"other":[0.5],"ratio":1,"#), "{json}");
    }
}
