//! What parameters are called elsewhere.

/// The names that the tensors of a file have, for the paths of a model's parameters and states.
///
/// The layers have PyTorch's names and layouts for their own tensors, so only the way to a layer differs. In a [`Chain`](crate::layer::Chain) a path has the layer's number and
/// its kind, `0.conv2d.weight`, where `torch.nn.Sequential` has the number alone, `0.weight`: the kind is left out. Everything else is said by
/// [`rename`](Names::rename), or not needed if the layers of the chain have the [names](crate::layer::Chain::named) of the PyTorch module's attributes.
///
/// | layer | tensors, ours and PyTorch's |
/// |---|---|
/// | [`Dense`](crate::layer::Dense) (`Linear`) | `weight` `[out, in]`, `bias` |
/// | [`Conv1d`](crate::layer::Conv1d), [`Conv2d`](crate::layer::Conv2d) | `weight` `[out, in / groups, …kernel]`, `bias` |
/// | [`ConvTranspose2d`](crate::layer::ConvTranspose2d) | `weight` `[in, out / groups, …kernel]`, `bias` |
/// | [`BatchNorm`](crate::layer::BatchNorm), [`InstanceNorm2d`](crate::layer::InstanceNorm2d) | `weight`, `bias`, `running_mean`, `running_var`; `num_batches_tracked` if `momentum` is `None`, and else left aside |
/// | [`LayerNorm`](crate::layer::LayerNorm), [`GroupNorm`](crate::layer::GroupNorm), [`RmsNorm`](crate::layer::RmsNorm) | `weight`, `bias` |
/// | [`PRelu`](crate::layer::PRelu) | ours `slope`, theirs `weight` |
/// | [`Embedding`](crate::layer::Embedding), [`LearnedPosition`](crate::layer::LearnedPosition) (an `Embedding` of positions) | `weight` `[count, size]` |
/// | [`Rnn`](crate::layer::Rnn), [`Lstm`](crate::layer::Lstm), [`Gru`](crate::layer::Gru) | `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`; `_l1` and so on, `_reverse`; gates in PyTorch's order |
/// | [`MultiHeadAttention`](crate::layer::MultiHeadAttention) | `in_proj_weight`, `in_proj_bias`, `out_proj.weight`, `out_proj.bias` |
/// | [`TransformerEncoderLayer`](crate::layer::TransformerEncoderLayer) | `self_attn.…`, `linear1.…`, `linear2.…`, `norm1.…`, `norm2.…` |
/// | [`TransformerDecoderLayer`](crate::layer::TransformerDecoderLayer) | the same with `multihead_attn.…` and `norm3.…` |
///
/// ```
/// use downhill::network::Names;
/// let names = Names::pytorch().rename("4.dense", "head");
/// assert_eq!(names.of("0.conv2d.weight"), "0.weight");
/// assert_eq!(names.of("2.transformer_encoder_layer.linear1.bias"), "2.linear1.bias");
/// assert_eq!(names.of("4.dense.bias"), "head.bias");
/// assert_eq!(names.of("lstm.weight_ih_l0"), "lstm.weight_ih_l0");
/// assert_eq!(Names::ours().of("0.conv2d.weight"), "0.conv2d.weight");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    kinds: bool,
    renamed: Vec<(String, String)>,
}

impl Names {
    /// PyTorch's names, as said above.
    pub fn pytorch() -> Self {
        Self::default()
    }

    /// The paths as they are.
    pub fn ours() -> Self {
        Self { kinds: true, ..Self::default() }
    }

    /// What is at our path `ours`, or below it, is called `theirs` in the file, or is below that; an empty `theirs` is the file's top. Of several that fit, the
    /// longest counts.
    #[must_use]
    pub fn rename(mut self, ours: impl Into<String>, theirs: impl Into<String>) -> Self {
        self.renamed.push((ours.into(), theirs.into()));
        self
    }

    /// The name of the tensor at this path.
    pub fn of(&self, path: &str) -> String {
        let fitting = self.renamed.iter().filter_map(|(ours, theirs)| {
            below(path, ours).map(|rest| (ours.len(), theirs.as_str(), rest))
        });
        let (_, theirs, rest) = fitting.max_by_key(|&(length, ..)| length).unwrap_or((0, "", path));
        let rest = if self.kinds { rest.to_owned() } else { without_kinds(rest) };
        [theirs, &rest].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
    }

    /// Our side of each rename, for those who look for one that fits nothing.
    pub(super) fn renamed(&self) -> impl Iterator<Item = &str> {
        self.renamed.iter().map(|(ours, _)| ours.as_str())
    }
}

/// What follows `prefix` in a path, by whole segments.
pub(super) fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    if rest.is_empty() || prefix.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

fn without_kinds(path: &str) -> String {
    let segments: Vec<&str> = path.split('.').collect();
    let number = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
    let last = segments.len() - 1;
    let kept = segments.iter().enumerate().filter(|&(i, _)| {
        let kind = i > 0 && i < last && number(segments[i - 1]);
        !kind
    });
    let theirs = |(i, &segment): (usize, &&'_ str)| {
        if i == last && segment == "slope" { "weight" } else { segment }.to_owned()
    };
    kept.map(theirs).collect::<Vec<_>>().join(".")
}
