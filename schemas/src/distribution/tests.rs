//! Tests of the laws: quantiles against means and shares, and what is refused.

use std::collections::BTreeMap;

use super::*;

fn law(text: &str) -> Result<Distribution, String> {
    let table: toml::Table = format!("x = {text}").parse().expect("the test writes TOML");
    #[derive(serde::Deserialize)]
    struct Holder {
        x: LawFile,
    }
    let holder: Holder = table
        .try_into()
        .map_err(|e: toml::de::Error| e.to_string())?;
    holder.x.resolve(-100.0, 100.0, 1.0)
}

fn moments(distribution: &Distribution) -> (f64, f64) {
    let n = 20_000;
    let values: Vec<f64> = (0..n)
        .map(|i| distribution.quantile((f64::from(i) + 0.5) / f64::from(n)))
        .collect();
    let mean = values.iter().sum::<f64>() / f64::from(n);
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / f64::from(n);
    (mean, libm::sqrt(variance))
}

#[test]
fn quantiles_have_the_moments_of_their_law() {
    let close = |text: &str, mean: f64, sd: f64| {
        let found = moments(&law(text).expect("the law is fine"));
        assert!(
            (found.0 - mean).abs() < 2e-3,
            "{text}: mean {} wanted {mean}",
            found.0
        );
        assert!(
            (found.1 - sd).abs() < 4e-3,
            "{text}: sd {} wanted {sd}",
            found.1
        );
    };
    close("3", 3.0, 0.0);
    close(
        "{ law = 'uniform', min = -1, max = 3 }",
        1.0,
        2.0 / 3.0_f64.sqrt(),
    );
    close(
        "{ law = 'gaussian', mean = 2, sd = 0.5, min = -1, max = 5 }",
        2.0,
        0.5,
    );
    // Half a Gaussian: mean sqrt(2/pi), variance 1 - 2/pi.
    close(
        "{ law = 'gaussian', mean = 0, sd = 1, min = 0, max = 9 }",
        0.797_885,
        0.602_810,
    );
    close(
        "{ law = 'log_uniform', min = 1, max = 10 }",
        3.908_650,
        2.493_9,
    );
    close(
        "{ law = 'log_normal', median = 1, sigma = 0.2, min = 0.1, max = 10 }",
        1.020_201,
        0.206_1,
    );
    close("{ law = 'beta', alpha = 2, beta = 14 }", 0.125, 0.080_2);
    close(
        "{ law = 'beta', alpha = 2, beta = 2, min = -1, max = 1 }",
        0.0,
        0.447_2,
    );
    close(
        "{ law = 'choice', values = [0, 4], shares = [0.75, 0.25] }",
        1.0,
        1.732_05,
    );
    close(
        "{ law = 'bins', edges = [0, 1, 3], shares = [0.5, 0.5] }",
        1.25,
        0.878_0,
    );
    close(
        "{ law = 'mixture', parts = [{ share = 0.5, of = -1 }, { share = 0.5, of = 1 }] }",
        0.0,
        1.0,
    );
}

#[test]
fn every_value_lies_in_the_range_of_its_law() {
    for text in [
        "{ law = 'gaussian', mean = 50, sd = 1, min = 54, max = 56 }",
        "{ law = 'log_normal', median = 24, sigma = 0.2, min = 15.5, max = 45 }",
        "{ law = 'log_uniform', min = 35, max = 60 }",
        "{ law = 'bins', edges = [18, 30, 90], shares = [0.2, 0.8] }",
    ] {
        let distribution = law(text).expect("the law is fine");
        let (lo, hi) = distribution.range();
        for u in [0.0, 1e-12, 0.2, 0.5, 0.999_999, 1.0, 2.0, -1.0, f64::NAN] {
            let x = distribution.quantile(u);
            assert!(lo <= x && x <= hi, "{text} at {u}: {x}");
        }
    }
}

#[test]
fn bins_are_half_open() {
    let bins = law("{ law = 'bins', edges = [18, 30, 90], shares = [0.2, 0.8] }").expect("fine");
    assert!(bins.quantile(0.2_f64.next_down()) < 30.0);
    assert_eq!(bins.quantile(0.2), 30.0);
    assert_eq!(bins.bin(0.1), (0, 2));
    assert_eq!(bins.bin(0.2), (1, 2));
    assert!(bins.quantile(1.0) < 90.0);
}

#[test]
fn impossible_laws_are_refused_with_what_was_found() {
    for (text, part) in [
        (
            "{ law = 'uniform', min = 3, max = 1 }",
            "minimum 3 not below the maximum 1",
        ),
        (
            "{ law = 'uniform', min = 1, max = 101 }",
            "maximum 101, allowed is -100 to 100",
        ),
        (
            "{ law = 'gaussian', mean = 0, sd = 0, min = -1, max = 1 }",
            "deviation 0",
        ),
        (
            "{ law = 'gaussian', mean = 0, sd = -1, min = -1, max = 1 }",
            "deviation -1",
        ),
        (
            "{ law = 'gaussian', mean = 0, sd = 1, min = 50, max = 60 }",
            "cut off all",
        ),
        (
            "{ law = 'gaussian', mean = nan, sd = 1, min = 5, max = 6 }",
            "mean NaN",
        ),
        (
            "{ law = 'log_uniform', min = 0, max = 1 }",
            "minimum 0, it must be above 0",
        ),
        (
            "{ law = 'beta', alpha = 0, beta = 1 }",
            "alpha 0, allowed is 0.05 to 1000",
        ),
        (
            "{ law = 'choice', values = [1], shares = [0.5, 0.5] }",
            "1 values and 2 shares",
        ),
        ("{ law = 'choice', values = [], shares = [] }", "no share"),
        (
            "{ law = 'choice', values = [1, 2], shares = [0.5, 0.6] }",
            "sum to 1.1",
        ),
        (
            "{ law = 'choice', values = [1, 2], shares = [-0.5, 1.5] }",
            "share -0.5",
        ),
        (
            "{ law = 'bins', edges = [0, 1], shares = [0.5, 0.5] }",
            "2 edges and 2 shares",
        ),
        (
            "{ law = 'bins', edges = [0, 2, 1], shares = [0.5, 0.5] }",
            "2 not below",
        ),
        ("{ law = 'mixture', parts = [] }", "no share"),
        ("inf", "value inf"),
        ("{ law = 'unifrm', min = 0, max = 1 }", "unknown variant"),
        (
            "{ law = 'uniform', min = 0, max = 1, mx = 3 }",
            "unknown field",
        ),
    ] {
        let message = law(text).expect_err(text);
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn a_choice_hits_its_shares_and_can_be_restricted_and_blended() {
    let shares = BTreeMap::from([("a", 0.25), ("b", 0.0), ("c", 0.75)]);
    let choice = Choice::new(&shares).expect("the shares sum to one");
    let hits = (0..1000)
        .filter(|i| *choice.quantile(f64::from(*i) / 1000.0) == "a")
        .count();
    assert_eq!(hits, 250);
    assert_eq!(*choice.quantile(1.0), "c");
    let only = choice.restrict(|t| *t == "a").expect("`a` has a share");
    assert_eq!(*only.quantile(0.99), "a");
    assert!(choice.restrict(|t| *t == "b").is_none());
    let blended = choice.blend(
        &Choice::new(&BTreeMap::from([("b", 1.0)])).expect("one"),
        0.5,
    );
    assert_eq!(blended.share(&"b"), 0.5);
    assert_eq!(blended.share(&"c"), 0.375);
}

#[test]
fn dirichlet_shares_sum_to_one_and_have_their_means() {
    let dirichlet = Dirichlet::new([0.5, 1.0, 1.5]).expect("fine");
    let n = 60;
    let mut mean = [0.0; 3];
    for i in 0..n {
        for j in 0..n {
            let at = |k: i32| (f64::from(k) + 0.5) / f64::from(n);
            let shares = dirichlet.quantile([at(i), at(j), 0.5]);
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(shares.iter().all(|s| *s >= 0.0));
            for k in 0..3 {
                mean[k] += shares[k] / f64::from(n * n);
            }
        }
    }
    for (found, wanted) in mean.into_iter().zip([1.0 / 6.0, 1.0 / 3.0, 0.5]) {
        assert!((found - wanted).abs() < 2e-3, "{found} {wanted}");
    }
}
