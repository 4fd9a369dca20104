//! The statistics of an audit are those that other people's programs compute: one test for each
//! file of `golden_statistics`.

#![allow(
    clippy::unwrap_used,
    reason = "the panic is the report, in helpers too"
)]

use std::fs;
use std::path::Path;

use serde_json::Value;

use bottega_audit::statistics::bootstrap::{Clusters, stratified};
use bottega_audit::statistics::contingency::Association;
use bottega_audit::statistics::correction;
use bottega_audit::statistics::groups::{anova, kruskal, levene, welch_anova};
use bottega_audit::statistics::intersection::Coverage;
use bottega_audit::statistics::interval::{
    clopper_pearson, newcombe_difference, wilson, wilson_corrected,
};
use bottega_audit::statistics::ks::{kolmogorov_smirnov, wasserstein_1};
use bottega_audit::statistics::parity::{Gaps, Pair};
use bottega_audit::statistics::rank::{kendall, spearman};
use bottega_audit::statistics::rates::{RateGaps, fisher_exact, two_proportion_z};
use bottega_audit::statistics::regression::{least_squares_slope, median_deviation, theil_sen};
use bottega_audit::statistics::representation::{
    Representation, clopper_pearson_cells, wilson_cells,
};
use bottega_audit::statistics::skin_color::{SkinColor, ita_class};
use bottega_audit::statistics::{median, special};

fn golden(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden_statistics");
    serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) if text == "inf" => f64::INFINITY,
        Value::String(text) if text == "-inf" => f64::NEG_INFINITY,
        Value::Null => f64::NAN,
        value => value.as_f64().unwrap(),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn counts(value: &Value) -> Vec<u64> {
    numbers(value).into_iter().map(|v| v as u64).collect()
}

#[track_caller]
fn close_to(found: f64, wanted: f64, relative: f64, what: &str) {
    let both_nan = found.is_nan() && wanted.is_nan();
    let near = (found - wanted).abs() <= (relative * wanted.abs()).max(1e-12);
    assert!(
        both_nan || found == wanted || near,
        "{what}: {found:e}, wanted {wanted:e}"
    );
}

/// Compares with the golden value of the same name; p-values and quantiles less strictly.
#[track_caller]
fn same(golden: &Value, name: &str, found: f64) {
    let is_tail =
        name.ends_with("_p") || name.starts_with("p_") || name == "p" || name.contains("p_asymp");
    close_to(
        found,
        number(&golden[name]),
        if is_tail { 1e-7 } else { 1e-9 },
        name,
    );
}

#[track_caller]
fn same_list(wanted: &Value, found: &[f64], relative: f64, what: &str) {
    let wanted = numbers(wanted);
    assert_eq!(wanted.len(), found.len(), "{what}");
    for (wanted, found) in wanted.into_iter().zip(found) {
        close_to(*found, wanted, relative, what);
    }
}

#[test]
fn special_functions_equal_scipy() {
    for row in golden("special_functions.json")["rows"].as_array().unwrap() {
        let at = |name: &str| number(&row[name]);
        let found = match row["fn"].as_str().unwrap() {
            "chi2_sf" => special::chi2_sf(at("x"), at("df")),
            "t_sf" => special::t_sf(at("x"), at("df")),
            "f_sf" => special::f_sf(at("x"), at("dfn"), at("dfd")),
            "norm_ppf" => special::normal_quantile(at("p")),
            "beta_ppf" => special::beta_quantile(at("p"), at("a"), at("b")),
            other => panic!("unknown function {other}"),
        };
        close_to(found, at("value"), 1e-9, &row.to_string());
    }
}

#[test]
fn binomial_intervals_equal_scipy_and_statsmodels() {
    for row in golden("binomial_intervals.json")["rows"]
        .as_array()
        .unwrap()
    {
        let (k, n) = (row["k"].as_u64().unwrap(), row["n"].as_u64().unwrap());
        let confidence = number(&row["confidence"]);
        let what = format!("{k} of {n} at {confidence}");
        same_list(&row["wilson"], &wilson(k, n, confidence), 1e-9, &what);
        same_list(
            &row["wilson_cc"],
            &wilson_corrected(k, n, confidence),
            1e-9,
            &what,
        );
        same_list(
            &row["clopper_pearson"],
            &clopper_pearson(k, n, confidence),
            1e-9,
            &what,
        );
    }
}

#[test]
fn representation_equals_scipy() {
    let golden = golden("representation.json");
    let cases = golden["cases"].as_object().unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases.values() {
        let counted = counts(&case["counts"]);
        let found = Representation::of(&counted, &numbers(&case["target"]));
        same_list(&case["shares"], &found.shares, 1e-9, "shares");
        same_list(&case["target_shares"], &found.target_shares, 1e-9, "target");
        same_list(&case["representation_ratio"], &found.ratio, 1e-9, "ratio");
        same(case, "shannon_entropy_nats", found.entropy);
        same(case, "pielou_evenness", found.evenness);
        same(case, "richness_q0", found.hill[0]);
        same(case, "effective_number_q1", found.hill[1]);
        same(case, "effective_number_q2", found.hill[2]);
        same(case, "gini_simpson", found.gini_simpson);
        same(case, "kl_p_to_target_nats", found.kl);
        same(case, "js_divergence_bits", found.js_bits);
        same(case, "js_distance", found.js_distance());
        same(case, "total_variation", found.total_variation);
        same(case, "hellinger", found.hellinger);
        same(case, "chi2", found.chi2);
        same(case, "chi2_dof", found.df);
        same(case, "chi2_p", found.chi2_p);
        same(case, "g", found.g);
        same(case, "g_p", found.g_p);
        same(case, "cohen_w", found.cohen_w);
        same(case, "max_min_ratio", found.max_min_ratio);
        same(case, "min_share", found.min_share);
        let cells = |name: &str, found: &[[f64; 2]]| {
            for (wanted, found) in case[name].as_array().unwrap().iter().zip(found) {
                same_list(wanted, found, 1e-9, name);
            }
        };
        cells("wilson95", &wilson_cells(&counted, 0.95));
        cells("clopper_pearson95", &clopper_pearson_cells(&counted, 0.95));
    }
}

#[track_caller]
fn same_association(golden: &Value) {
    let table: Vec<Vec<u64>> = golden["table"]
        .as_array()
        .unwrap()
        .iter()
        .map(counts)
        .collect();
    let found = Association::of(&table).unwrap();
    same(golden, "n", found.n);
    same(golden, "chi2", found.chi2);
    same(golden, "dof", found.df);
    same(golden, "chi2_p", found.chi2_p);
    same(golden, "g", found.g);
    same(golden, "g_p", found.g_p);
    same(golden, "cramers_v", found.cramers_v);
    same(
        golden,
        "cramers_v_bias_corrected",
        found.cramers_v_corrected,
    );
    same(golden, "tschuprow_t", found.tschuprow_t);
    same(golden, "mutual_information_nats", found.mutual_information);
    same(
        golden,
        "miller_madow_mi_nats",
        found.mutual_information_corrected,
    );
    same(golden, "nmi_arithmetic", found.normalized.arithmetic);
    same(golden, "nmi_geometric", found.normalized.geometric);
    same(golden, "nmi_min", found.normalized.min);
    same(golden, "nmi_max", found.normalized.max);
    same(golden, "theils_u_row_given_col", found.theils_u_row);
    same(golden, "theils_u_col_given_row", found.theils_u_column);
    same(golden, "min_expected", found.min_expected);
    same(golden, "cells_expected_below_5", found.cells_below_5 as f64);
    for (i, row) in golden["expected"].as_array().unwrap().iter().enumerate() {
        same_list(row, &found.expected[i], 1e-9, "expected");
    }
    let residuals = golden["adjusted_standardized_residuals"]
        .as_array()
        .unwrap();
    for (i, row) in residuals.iter().enumerate() {
        same_list(row, &found.residuals[i], 1e-9, "residuals");
    }
}

#[test]
fn association_of_categories_equals_scipy_and_scikit_learn() {
    let golden = golden("association_categorical.json");
    let cases = golden["cases"].as_object().unwrap();
    assert_eq!(cases.len(), 4);
    cases.values().for_each(same_association);
}

#[test]
fn association_of_numbers_equals_scipy() {
    let golden = golden("association_numeric.json");
    let lists: Vec<Vec<f64>> = golden["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let groups: Vec<&[f64]> = lists.iter().map(Vec::as_slice).collect();
    let one_way = anova(&groups);
    same(&golden, "anova_f", one_way.f.value);
    same(&golden, "anova_p", one_way.f.p);
    same(&golden, "eta_squared", one_way.eta_squared);
    same(&golden, "correlation_ratio_eta", one_way.eta_squared.sqrt());
    same(&golden, "omega_squared", one_way.omega_squared);
    let welch = welch_anova(&groups);
    same(&golden, "welch_anova_f", welch.value);
    same(&golden, "welch_anova_p", welch.p);
    let ranked = kruskal(&groups);
    same(&golden, "kruskal_h", ranked.h.value);
    same(&golden, "kruskal_p", ranked.h.p);
    same(&golden, "epsilon_squared_kw", ranked.epsilon_squared);
    let spread = levene(&groups);
    same(&golden, "levene_median_w", spread.value);
    same(&golden, "levene_median_p", spread.p);

    let labels: Vec<f64> = (0..groups.len())
        .flat_map(|g| vec![g as f64; groups[g].len()])
        .collect();
    let values = lists.concat();
    let rho = spearman(&labels, &values);
    same(&golden, "spearman_rho_label_value", rho.value);
    same(&golden, "spearman_p", rho.p);
    let tau = kendall(&labels, &values);
    same(&golden, "kendall_tau_b", tau.value);
    same(&golden, "kendall_p", tau.p);
    let (d, p) = kolmogorov_smirnov(groups[0], groups[2]);
    same(&golden, "ks_2samp_group0_group2_d", d);
    same(&golden, "ks_2samp_p_asymp", p);
    same(
        &golden,
        "wasserstein1_group0_group2",
        wasserstein_1(groups[0], groups[2]),
    );
}

/// The four groups of the parity files, in order.
const GROUPS: [&str; 4] = ["A", "B", "C", "D"];

#[test]
fn parity_of_errors_equals_fairlearn_and_scipy() {
    let golden = golden("parity_continuous.json");
    let lists = GROUPS.map(|name| numbers(&golden["groups"][name]));
    let groups = lists.each_ref().map(Vec::as_slice);
    let gaps = Gaps::of(&groups);
    for (g, name) in GROUPS.into_iter().enumerate() {
        same(&golden["metric_by_group"], name, gaps.means[g]);
        same(&golden["count_by_group"], name, groups[g].len() as f64);
    }
    same(&golden, "overall", gaps.overall);
    same(&golden, "difference_between_groups", gaps.between);
    same(&golden, "difference_to_overall", gaps.to_overall);
    same(&golden, "ratio_between_groups", gaps.ratio_between);
    same(&golden, "ratio_to_overall", gaps.ratio_to_overall);
    same(&golden, "std_of_groups_population", gaps.deviation);
    same(&golden, "cv_of_groups", gaps.variation);
    assert_eq!(golden["worst_group"], GROUPS[gaps.worst(true)]);
    let ranked = kruskal(&groups);
    same(&golden, "omnibus_kruskal_h", ranked.h.value);
    same(&golden, "omnibus_kruskal_p", ranked.h.p);
    let welch = welch_anova(&groups);
    same(&golden, "omnibus_welch_anova_f", welch.value);
    same(&golden, "omnibus_welch_anova_p", welch.p);

    let mut raw = Vec::new();
    for pair in golden["pairs"].as_array().unwrap() {
        let group =
            |side: &str| groups[GROUPS.iter().position(|name| pair[side] == *name).unwrap()];
        let found = Pair::of(group("a"), group("b"), 0.95);
        same(pair, "mean_diff", found.mean_difference);
        same(pair, "welch_t", found.t);
        same(pair, "welch_df", found.df);
        same(pair, "welch_p", found.p);
        same_list(&pair["welch_ci95"], &found.interval, 1e-9, "welch_ci95");
        same(pair, "mannwhitney_u_a", found.u);
        same(pair, "mannwhitney_p", found.u_p);
        same(pair, "cliffs_delta", found.cliffs_delta);
        same(pair, "cohens_d", found.cohens_d);
        same(pair, "hedges_g", found.hedges_g);
        raw.push(found.p);
    }
    same_list(&golden["p_raw_welch"], &raw, 1e-7, "raw");
    for (name, corrected) in [
        ("p_bonferroni", correction::bonferroni(&raw)),
        ("p_holm", correction::holm(&raw)),
        ("p_bh", correction::benjamini_hochberg(&raw)),
        ("p_by", correction::benjamini_yekutieli(&raw)),
    ] {
        same_list(&golden[name], &corrected, 1e-7, name);
    }
}

#[test]
fn bootstrap_intervals_equal_those_of_the_same_uniforms() {
    let golden_parity = golden("parity_continuous.json");
    let wanted = &golden_parity["bootstrap"];
    let file = golden("parity_bootstrap_uniforms.json");
    let uniforms: Vec<Vec<f64>> = file["uniforms"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let groups = GROUPS.map(|name| Clusters::single(&numbers(&golden_parity["groups"][name])));
    let found = stratified(&groups, uniforms.len(), 0.95, |b, j| uniforms[b][j]);
    for (g, name) in GROUPS.into_iter().enumerate() {
        same_list(&wanted["ci95_by_group"][name], &found.means[g], 1e-9, name);
    }
    same_list(&wanted["ci95_gap"], &found.gap, 1e-9, "gap");
    same_list(&wanted["ci95_ratio"], &found.ratio, 1e-9, "ratio");
    same_list(
        &wanted["first_replicate_means"],
        &found.first,
        1e-9,
        "first",
    );
}

#[test]
fn parity_of_rates_equals_fairlearn_and_scipy() {
    let golden = golden("parity_binary.json");
    let trials = |name: &str| {
        let pair = counts(&golden["successes_and_trials"][name]);
        (pair[0], pair[1])
    };
    let gaps = RateGaps::of(&GROUPS.map(trials));
    for (g, name) in GROUPS.into_iter().enumerate() {
        same(&golden["rate_by_group"], name, gaps.rates[g]);
    }
    same(&golden, "overall", gaps.overall);
    same(&golden, "demographic_parity_difference", gaps.difference);
    same(&golden, "demographic_parity_ratio", gaps.ratio);
    same(&golden, "difference_to_overall", gaps.difference_to_overall);
    assert_eq!(golden["four_fifths_rule_pass"], gaps.passes_four_fifths());
    for pair in golden["pairs"].as_array().unwrap() {
        let [a, b] = ["a", "b"].map(|side| trials(pair[side].as_str().unwrap()));
        let (z, p) = two_proportion_z(a, b);
        same(pair, "z", z);
        same(pair, "p", p);
        same_list(
            &pair["newcombe_ci95"],
            &newcombe_difference(a, b, 0.95),
            1e-9,
            "newcombe",
        );
        let (p, odds) = fisher_exact(a, b);
        same(pair, "fisher_p", p);
        same(pair, "odds_ratio", odds);
    }
}

#[test]
fn intersections_have_the_golden_gaps() {
    let golden = golden("intersection.json");
    let flat: Vec<u64> = golden["counts"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(counts)
        .collect();
    let found = Coverage::of(&flat, golden["min_support"].as_u64().unwrap());
    // The empty cell is ("F", 9); the thin one ("M", 10) with 3.
    assert_eq!((found.empty, found.under), (vec![8], vec![19]));
    same(&golden, "coverage", found.coverage);
    same(&golden, "evenness", found.evenness);
    same(&golden, "js_to_uniform_bits", found.js_to_uniform_bits);
    same_association(&golden["association"]);
}

#[test]
fn skin_colors_equal_scikit_image() {
    let golden = golden("skin_colour.json");
    for row in golden["rows"].as_array().unwrap() {
        let hex = row["hex"].as_str().unwrap();
        let channel = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let found = SkinColor::of_srgb([channel(1), channel(3), channel(5)]);
        same(row, "L", found.lab[0]);
        same(row, "a", found.lab[1]);
        same(row, "b", found.lab[2]);
        same(row, "ita_deg", found.ita_deg);
        same(
            row,
            "ita_atan_deg",
            found.ita_plain_deg().unwrap_or(f64::NAN),
        );
        same(row, "hue_deg", found.hue_deg);
        same(row, "linear_luminance", found.luminance);
        assert_eq!(row["ita_class"], ita_class(found.ita_deg), "{hex}");
    }
}

#[test]
fn robust_regression_equals_scipy() {
    let golden = golden("robust_regression.json");
    let (x, y) = (numbers(&golden["x"]), numbers(&golden["y"]));
    let line = theil_sen(&x, &y, 0.95).unwrap();
    same(&golden, "theil_sen_slope", line.slope);
    same(
        &golden,
        "theil_sen_intercept_median_residual",
        line.intercept,
    );
    same_list(
        &golden["theil_sen_slope_ci95"],
        &line.slope_interval,
        1e-9,
        "interval",
    );
    let rho = spearman(&x, &y);
    same(&golden, "spearman_rho", rho.value);
    same(&golden, "spearman_p", rho.p);
    same(&golden, "kendall_tau_b", kendall(&x, &y).value);
    same(&golden, "ols_slope", least_squares_slope(&x, &y));
    same(&golden, "mad_unscaled_y", median_deviation(&y));
    same(&golden, "y_median", median(&y));
}
