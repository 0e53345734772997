//! Each augmentation against a plain loop that says what it does.

use super::augment_support::*;
use downhill::data::augment::*;
use downhill::random::Noise;
use ndarray::{ArrayD, Axis, Slice};

/// Every image, with a few streams of random numbers each.
fn images(mut check: impl FnMut(&ArrayD<f64>, Noise)) {
    for (i, axes) in IMAGES.iter().enumerate() {
        for noise in noises(12) {
            check(&numbers(axes, i as u64), noise);
        }
    }
}

fn shift_within(sample: &ArrayD<f64>) -> Shift {
    let (height, width) = size(sample);
    Shift { rows: 2.min(height - 1), columns: 3.min(width - 1), fill: 0.5 }
}

#[test]
fn settings_that_change_nothing_leave_the_bits() {
    images(|sample, noise| {
        let features = *sample.shape().last().unwrap();
        let still: Vec<Box<dyn Augmentation<f64>>> = vec![
            Box::new(Shift::new(0)),
            Box::new(Flip::new(0.0, 0.0)),
            Box::new(Rotate::new(0.0)),
            Box::new(Scale { factor: 1.0..=1.0, fill: 9.0 }),
            Box::new(RandomCrop { size: None, padding: 0, fill: 9.0 }),
            Box::new(Brightness { delta: 0.0..=0.0 }),
            Box::new(Contrast { factor: 1.0..=1.0 }),
            Box::new(RandomErase { probability: 0.0, ..RandomErase::default() }),
            Box::new(Jitter::new(0.0)),
            Box::new(Scaling::new(0.0)),
            Box::new(FeatureNoise::new(vec![0.0; features])),
            Box::new(TokenDrop { probability: 0.0, id: 3 }),
            Box::new(Compose::new()),
        ];
        for augmentation in still {
            same(&on(&*augmentation, sample, noise), sample, &format!("{augmentation:?}"));
        }
        if sample.ndim() == 2 {
            same(&on(&TimeWarp { std: 0.0, knots: 4 }, sample, noise), sample, "std 0");
            same(&on(&TimeWarp { std: 1.0, knots: 1 }, sample, noise), sample, "one stretch");
        }
    });
}

#[test]
fn a_shift_moves_whole_pixels() {
    images(|sample, noise| {
        let shift = shift_within(sample);
        let down = noise.below(0, 2 * shift.rows + 1) as i64 - shift.rows as i64;
        let right = noise.below(1, 2 * shift.columns + 1) as i64 - shift.columns as i64;
        let want = each_pixel(sample, |at, row, column| {
            at(row as i64 - down, column as i64 - right).unwrap_or(shift.fill)
        });
        same(&on(&shift, sample, noise), &want, "shift");
    });
}

#[test]
fn a_flip_is_a_mirror_and_its_own_inverse() {
    images(|sample, noise| {
        let last = Axis(sample.ndim() - 1);
        let mirrored = |axes: &[Axis]| {
            let mut view = sample.view();
            for &axis in axes {
                view.slice_axis_inplace(axis, Slice::new(0, None, -1));
            }
            view.to_owned()
        };
        let rows = Axis(sample.ndim() - 2);
        for (flip, want) in [
            (Flip::new(1.0, 0.0), mirrored(&[last])),
            (Flip::new(0.0, 1.0), mirrored(&[rows])),
            (Flip::new(1.0, 1.0), mirrored(&[rows, last])),
        ] {
            let once = on(&flip, sample, noise);
            same(&once, &want, "flip");
            same(&on(&flip, &once, noise), sample, "twice");
        }
    });
}

/// The specification of a rotation.
fn rotated(sample: &ArrayD<f64>, degrees: f64, fill: f64) -> ArrayD<f64> {
    let (height, width) = size(sample);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (middle, centre) = ((height as f64 - 1.0) / 2.0, (width as f64 - 1.0) / 2.0);
    each_pixel(sample, |at, row, column| {
        let (y, x) = (row as f64 - middle, column as f64 - centre);
        bilinear(at, middle + y * cos + x * sin, centre + x * cos - y * sin, fill)
    })
}

#[test]
fn a_rotation_is_bilinear() {
    images(|sample, noise| {
        let rotate = Rotate { degrees: -170.0..=50.0, fill: 0.25 };
        let degrees = -170.0 + 220.0 * noise.uniform(0);
        close(&on(&rotate, sample, noise), &rotated(sample, degrees, 0.25), "rotate");
    });
}

#[test]
fn quarter_turns_of_squares_are_exact() {
    for axes in [&[1, 1][..], &[2, 2], &[5, 5], &[3, 4, 4]] {
        let sample = numbers(axes, 3);
        let n = axes[axes.len() - 1] as i64;
        // Counter-clockwise: what is at the right edge comes to the top.
        let quarter = |sample: &ArrayD<f64>| {
            each_pixel(sample, |at, row, column| at(column as i64, n - 1 - row as i64).unwrap())
        };
        let mut want = sample.clone();
        for turns in 0..9 {
            for degrees in [90.0 * f64::from(turns), 90.0 * f64::from(turns) - 720.0] {
                let rotate = Rotate { degrees: degrees..=degrees, fill: 9.0 };
                let got = on(&rotate, &sample, Noise::new(1));
                same(&got, &want, &format!("{degrees} degrees"));
            }
            want = quarter(&want);
        }
    }
}

#[test]
fn half_turns_are_exact_on_all_images() {
    images(|sample, noise| {
        let half = Rotate { degrees: 180.0..=180.0, fill: 9.0 };
        same(&on(&half, sample, noise), &on(&Flip::new(1.0, 1.0), sample, noise), "180 degrees");
    });
}

#[test]
fn a_scale_is_bilinear() {
    images(|sample, noise| {
        let scale = Scale { factor: 0.4..=2.5, fill: 0.25 };
        let factor = 0.4 + 2.1 * noise.uniform(0);
        let (height, width) = size(sample);
        let (middle, centre) = ((height as f64 - 1.0) / 2.0, (width as f64 - 1.0) / 2.0);
        let want = each_pixel(sample, |at, row, column| {
            let from = |place: usize, centre: f64| centre + (place as f64 - centre) / factor;
            bilinear(at, from(row, middle), from(column, centre), 0.25)
        });
        close(&on(&scale, sample, noise), &want, "scale");
    });
}

#[test]
fn a_crop_of_the_same_size_is_a_shift_by_up_to_the_padding() {
    images(|sample, noise| {
        let crop = RandomCrop { size: None, padding: 2, fill: 0.5 };
        let (down, right) = (2 - noise.below(0, 5) as i64, 2 - noise.below(1, 5) as i64);
        let want = each_pixel(sample, |at, row, column| {
            at(row as i64 - down, column as i64 - right).unwrap_or(0.5)
        });
        same(&on(&crop, sample, noise), &want, "crop");
    });
}

#[test]
fn a_smaller_crop_is_enlarged_between_its_edges() {
    images(|sample, noise| {
        let (height, width) = size(sample);
        let size = [height.div_ceil(2), width.div_ceil(3)];
        let crop = RandomCrop { size: Some(size), padding: 1, fill: 0.5 };
        let top = noise.below(0, height + 2 - size[0] + 1) as f64 - 1.0;
        let left = noise.below(1, width + 2 - size[1] + 1) as f64 - 1.0;
        let from = |place: usize, part: usize, whole: usize| {
            let place = (place as f64 + 0.5) * part as f64 / whole as f64 - 0.5;
            place.max(0.0).min(part as f64 - 1.0)
        };
        let want = each_pixel(sample, |at, row, column| {
            let (row, column) = (from(row, size[0], height), from(column, size[1], width));
            bilinear(at, top + row, left + column, 0.5)
        });
        close(&on(&crop, sample, noise), &want, "crop");
    });
}

#[test]
fn brightness_adds_and_contrast_stretches_around_the_mean_of_a_channel() {
    images(|sample, noise| {
        let delta = -0.3 + 0.5 * noise.uniform(0);
        let want = sample.mapv(|x| x + delta);
        close(&on(&Brightness { delta: -0.3..=0.2 }, sample, noise), &want, "brightness");
        let factor = 0.5 + 1.5 * noise.uniform(0);
        let mut want = sample.clone();
        let (height, width) = size(sample);
        for plane in want.as_slice_mut().unwrap().chunks_mut(height * width) {
            let mean = plane.iter().sum::<f64>() / plane.len() as f64;
            plane.iter_mut().for_each(|x| *x = mean + factor * (*x - mean));
        }
        close(&on(&Contrast { factor: 0.5..=2.0 }, sample, noise), &want, "contrast");
    });
}

/// The rows and columns of an erased rectangle; `None` if nothing was erased. All channels have to agree, and nothing else may have changed.
fn erased(before: &ArrayD<f64>, after: &ArrayD<f64>, fill: f64) -> Option<[Vec<usize>; 2]> {
    let (height, width) = size(before);
    let gone: Vec<usize> = (0..before.len())
        .filter(|&i| after.as_slice().unwrap()[i] == fill)
        .map(|i| i % (height * width))
        .collect();
    let collect = |of: &dyn Fn(usize) -> usize| {
        let mut places: Vec<usize> = gone.iter().map(|&i| of(i)).collect();
        places.sort_unstable();
        places.dedup();
        assert!(places.windows(2).all(|pair| pair[1] == pair[0] + 1), "a gap: {places:?}");
        places
    };
    let (rows, columns) = (collect(&|i| i / width), collect(&|i| i % width));
    let want = each_pixel(before, |at, row, column| {
        let inside = rows.contains(&row) && columns.contains(&column);
        if inside { fill } else { at(row as i64, column as i64).unwrap() }
    });
    same(after, &want, "one rectangle in all channels");
    (!gone.is_empty()).then_some([rows, columns])
}

#[test]
fn random_erasing_erases_one_rectangle_within_its_bounds() {
    let (mut some, mut none) = (0, 0);
    images(|sample, noise| {
        let erase = RandomErase { probability: 0.7, fill: 77.0, ..RandomErase::default() };
        match erased(sample, &on(&erase, sample, noise), 77.0) {
            None => none += 1,
            Some([rows, columns]) => {
                some += 1;
                let (height, width) = size(sample);
                // Half a pixel of rounding on each side.
                let (h, w) = (rows.len() as f64, columns.len() as f64);
                let area = (height * width) as f64;
                assert!((h - 0.5) * (w - 0.5) <= 0.33 * area, "{h} × {w} of {area}");
                assert!((h + 0.5) * (w + 0.5) >= 0.02 * area, "{h} × {w} of {area}");
                assert!((h - 0.5) / (w + 0.5) <= 3.3 && (h + 0.5) / (w - 0.5) >= 0.3);
            }
        }
    });
    assert!(some > 10 && none > 10, "{some} and {none}");
}

#[test]
fn random_erasing_draws_as_it_says() {
    let sample = numbers(&[16, 16], 5);
    let erase = RandomErase { probability: 0.25, fill: 77.0, area: 0.1..=0.2, aspect: 0.5..=2.0 };
    let (mut count, mut area, mut log_aspect) = (0.0, 0.0, 0.0);
    for noise in noises(8000) {
        if let Some([rows, columns]) = erased(&sample, &on(&erase, &sample, noise), 77.0) {
            count += 1.0;
            area += (rows.len() * columns.len()) as f64 / 256.0;
            log_aspect += (rows.len() as f64 / columns.len() as f64).ln();
        }
    }
    // Four standard errors: √(¼ · ¾ / 8000) = 0.0048; 0.1/√12/√2000 = 0.00065 and rounding; 2 ln 2/√12/√2000 = 0.009.
    assert!((count / 8000.0 - 0.25_f64).abs() < 0.0194, "{count}");
    assert!((area / count - 0.15_f64).abs() < 0.004, "{}", area / count);
    assert!((log_aspect / count).abs() < 0.036, "{}", log_aspect / count);
}

#[test]
fn a_cutout_is_a_square_around_a_pixel() {
    images(|sample, noise| {
        let (height, width) = size(sample);
        let cut = 3.min(height.max(width));
        let (row, column) = (noise.below(0, height), noise.below(1, width));
        let span = |centre: usize, end: usize| {
            (0..end).filter(move |&i| i + cut / 2 >= centre && i + cut / 2 < centre + cut)
        };
        let (rows, columns): (Vec<_>, Vec<_>) =
            (span(row, height).collect(), span(column, width).collect());
        let want = each_pixel(sample, |at, row, column| {
            let inside = rows.contains(&row) && columns.contains(&column);
            if inside { 77.0 } else { at(row as i64, column as i64).unwrap() }
        });
        same(&on(&Cutout { size: cut, fill: 77.0 }, sample, noise), &want, "cutout");
    });
}

#[test]
fn noise_is_a_normal_number_for_each_number() {
    images(|sample, noise| {
        let mut i = 0;
        let want = sample.mapv(|x| {
            i += 1;
            x + 0.3 * noise.normal(i - 1)
        });
        same(&on(&Jitter::new(0.3), sample, noise), &want, "jitter");
        let features = *sample.shape().last().unwrap();
        let std: Vec<f64> = (0..features).map(|feature| feature as f64 / 4.0).collect();
        let mut i = 0;
        let want = sample.mapv(|x| {
            i += 1;
            let std = std[(i - 1) as usize % features];
            if std == 0.0 { x } else { x + std * noise.normal(i - 1) }
        });
        same(&on(&FeatureNoise::new(std.clone()), sample, noise), &want, "feature noise");
        let mut i = 0;
        let want = sample.mapv(|x| {
            i += 1;
            x * (1.0 + 0.3 * noise.normal((i - 1) % features as u64))
        });
        same(&on(&Scaling::new(0.3), sample, noise), &want, "scaling");
        let mut i = 0;
        let want = sample.mapv(|x| {
            i += 1;
            if noise.uniform(i - 1) < 0.4 { 6.0 } else { x }
        });
        same(&on(&TokenDrop { probability: 0.4, id: 6 }, sample, noise), &want, "token drop");
    });
}

#[test]
fn draws_have_the_means_and_spreads_that_are_said() {
    let many = ndarray::Array1::<f64>::ones(40_000).into_dyn();
    let jittered = on(&Jitter::new(0.5), &many, Noise::new(1));
    // Four standard errors: 0.5/√n = 0.0025, and 0.5/√(2n) = 0.0018.
    assert!((jittered.mean().unwrap() - 1.0).abs() < 0.01);
    assert!((jittered.std(0.0) - 0.5).abs() < 0.0072);
    let scaled = on(&Scaling::new(0.5), &many, Noise::new(2));
    assert!((scaled.mean().unwrap() - 1.0).abs() < 0.01);
    assert!((scaled.std(0.0) - 0.5).abs() < 0.0072);
    let dropped = on(&TokenDrop { probability: 0.3, id: 0 }, &many, Noise::new(3));
    assert!((dropped.mean().unwrap() - 0.7).abs() < 4.0 * (0.21_f64 / 40_000.0).sqrt());
}

/// How often each result comes of a pixel that is moved, or of an image that is changed.
fn shares(augmentation: &dyn Augmentation<f64>, sample: &ArrayD<f64>, count: u64) -> Vec<f64> {
    let mut seen: Vec<(Vec<u64>, f64)> = Vec::new();
    for noise in noises(count) {
        let got = bits(&on(augmentation, sample, noise));
        match seen.iter_mut().find(|(bits, _)| *bits == got) {
            Some((_, times)) => *times += 1.0,
            None => seen.push((got, 1.0)),
        }
    }
    let mut shares: Vec<f64> = seen.into_iter().map(|(_, n)| n / count as f64).collect();
    shares.sort_by(f64::total_cmp);
    shares
}

#[test]
fn moves_and_flips_are_drawn_evenly() {
    let sample = numbers(&[4, 4], 1);
    let even = |got: Vec<f64>, count: usize| {
        assert_eq!(got.len(), count);
        let p = 1.0 / count as f64;
        // Five standard errors.
        let bound = 5.0 * (p * (1.0 - p) / 8000.0).sqrt();
        assert!(got.iter().all(|share| (share - p).abs() < bound), "{got:?}");
    };
    even(shares(&Shift::new(1), &sample, 8000), 9);
    even(shares(&RandomCrop { size: Some([3, 4]), ..RandomCrop::default() }, &sample, 8000), 12);
    even(shares(&Flip::new(0.5, 0.5), &sample, 8000), 4);
    even(shares(&Cutout::new(1), &numbers(&[3, 3], 1), 8000), 9);
    let flips = shares(&Flip::new(0.2, 0.0), &sample, 8000);
    assert!(flips.len() == 2 && (flips[0] - 0.2).abs() < 5.0 * (0.16_f64 / 8000.0).sqrt());
}

/// The specification of a time warp: the path up to each step as an integral over the stretches.
fn warped(sample: &ArrayD<f64>, std: f64, knots: usize, noise: Noise) -> ArrayD<f64> {
    let steps = sample.shape()[0];
    let speeds: Vec<f64> = (0..knots).map(|k| (std * noise.normal(k as u64)).exp()).collect();
    let path = |time: f64| -> f64 {
        let stretch = |k: usize| (time * knots as f64 - k as f64).clamp(0.0, 1.0);
        speeds.iter().enumerate().map(|(k, speed)| speed * stretch(k)).sum()
    };
    ArrayD::from_shape_fn(sample.raw_dim(), |index| {
        let (step, feature) = (index[0], index[1]);
        if steps == 1 {
            return sample[[step, feature]];
        }
        let last = (steps - 1) as f64;
        let from = last * path(step as f64 / last) / path(1.0);
        let at = |place: f64| sample[[(place as usize).min(steps - 1), feature]];
        let share = from - from.floor();
        (1.0 - share) * at(from.floor()) + share * at(from.floor() + 1.0)
    })
}

#[test]
fn a_time_warp_is_linear_between_steps() {
    for axes in [[1, 1], [1, 4], [2, 3], [3, 1], [7, 2], [33, 3]] {
        for knots in [1, 2, 3, 4, 50] {
            for noise in noises(10) {
                let sample = numbers(&axes, 4);
                let got = on(&TimeWarp { std: 0.7, knots }, &sample, noise);
                close(&got, &warped(&sample, 0.7, knots, noise), &format!("{axes:?}, {knots}"));
                for end in [0, axes[0] - 1] {
                    let end = |array: &ArrayD<f64>| array.index_axis(Axis(0), end).to_owned();
                    assert_eq!(end(&got), end(&sample));
                }
            }
        }
    }
}

#[test]
fn a_chain_is_its_parts_with_noise_of_their_own() {
    images(|sample, noise| {
        let chain =
            Compose::new().then(Jitter::new(0.1)).then(Rotate::new(30.0)).then(Jitter::new(0.1));
        let mut want = on(&Jitter::new(0.1), sample, noise.step(0));
        want = on(&Rotate::new(30.0), &want, noise.step(1));
        want = on(&Jitter::new(0.1), &want, noise.step(2));
        same(&on(&chain, sample, noise), &want, "chain");
    });
}

#[test]
fn nothing_outside_the_sample_is_written_and_scratch_is_not_read() {
    images(|sample, noise| {
        let chain = Compose::new()
            .then(shift_within(sample))
            .then(Flip::new(0.5, 0.5))
            .then(Rotate::new(45.0))
            .then(Scale::default())
            .then(RandomCrop::default())
            .then(Brightness::default())
            .then(Contrast::default())
            .then(RandomErase::default())
            .then(Cutout::new(1))
            .then(Jitter::default())
            .then(Scaling::default())
            .then(TokenDrop::default());
        within_guards(&chain, sample, noise);
        if sample.ndim() == 2 {
            within_guards(&TimeWarp::default(), sample, noise);
        }
    });
}

#[test]
fn any_layout_of_an_array_is_the_same_sample() {
    let sample = numbers(&[3, 5], 1);
    let turned = sample.t().as_standard_layout().into_owned();
    let view = turned.t();
    same(
        &on(&Rotate::new(40.0), &sample, Noise::new(3)),
        &augment_sample(&Rotate::new(40.0), &view, Noise::new(3)).unwrap(),
        "columns first",
    );
}
