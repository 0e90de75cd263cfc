//! A struct of 200 fields, and one that holds two of them.

#![deny(warnings)]
#![allow(dead_code)]

use metric_core::{Family, MetricCollector};

#[derive(Default, MetricCollector)]
struct Many {
    #[metric]
    field_0: Option<f64>,
    #[metric]
    field_1: Option<f64>,
    #[metric]
    field_2: Option<f64>,
    #[metric]
    field_3: Option<f64>,
    #[metric]
    field_4: Option<f64>,
    #[metric]
    field_5: Option<f64>,
    #[metric]
    field_6: Option<f64>,
    #[metric]
    field_7: Option<f64>,
    #[metric]
    field_8: Option<f64>,
    #[metric]
    field_9: Option<f64>,
    #[metric]
    field_10: Option<f64>,
    #[metric]
    field_11: Option<f64>,
    #[metric]
    field_12: Option<f64>,
    #[metric]
    field_13: Option<f64>,
    #[metric]
    field_14: Option<f64>,
    #[metric]
    field_15: Option<f64>,
    #[metric]
    field_16: Option<f64>,
    #[metric]
    field_17: Option<f64>,
    #[metric]
    field_18: Option<f64>,
    #[metric]
    field_19: Option<f64>,
    #[metric]
    field_20: Option<f64>,
    #[metric]
    field_21: Option<f64>,
    #[metric]
    field_22: Option<f64>,
    #[metric]
    field_23: Option<f64>,
    #[metric]
    field_24: Option<f64>,
    #[metric]
    field_25: Option<f64>,
    #[metric]
    field_26: Option<f64>,
    #[metric]
    field_27: Option<f64>,
    #[metric]
    field_28: Option<f64>,
    #[metric]
    field_29: Option<f64>,
    #[metric]
    field_30: Option<f64>,
    #[metric]
    field_31: Option<f64>,
    #[metric]
    field_32: Option<f64>,
    #[metric]
    field_33: Option<f64>,
    #[metric]
    field_34: Option<f64>,
    #[metric]
    field_35: Option<f64>,
    #[metric]
    field_36: Option<f64>,
    #[metric]
    field_37: Option<f64>,
    #[metric]
    field_38: Option<f64>,
    #[metric]
    field_39: Option<f64>,
    #[metric]
    field_40: Option<f64>,
    #[metric]
    field_41: Option<f64>,
    #[metric]
    field_42: Option<f64>,
    #[metric]
    field_43: Option<f64>,
    #[metric]
    field_44: Option<f64>,
    #[metric]
    field_45: Option<f64>,
    #[metric]
    field_46: Option<f64>,
    #[metric]
    field_47: Option<f64>,
    #[metric]
    field_48: Option<f64>,
    #[metric]
    field_49: Option<f64>,
    #[metric]
    field_50: Option<f64>,
    #[metric]
    field_51: Option<f64>,
    #[metric]
    field_52: Option<f64>,
    #[metric]
    field_53: Option<f64>,
    #[metric]
    field_54: Option<f64>,
    #[metric]
    field_55: Option<f64>,
    #[metric]
    field_56: Option<f64>,
    #[metric]
    field_57: Option<f64>,
    #[metric]
    field_58: Option<f64>,
    #[metric]
    field_59: Option<f64>,
    #[metric]
    field_60: Option<f64>,
    #[metric]
    field_61: Option<f64>,
    #[metric]
    field_62: Option<f64>,
    #[metric]
    field_63: Option<f64>,
    #[metric]
    field_64: Option<f64>,
    #[metric]
    field_65: Option<f64>,
    #[metric]
    field_66: Option<f64>,
    #[metric]
    field_67: Option<f64>,
    #[metric]
    field_68: Option<f64>,
    #[metric]
    field_69: Option<f64>,
    #[metric]
    field_70: Option<f64>,
    #[metric]
    field_71: Option<f64>,
    #[metric]
    field_72: Option<f64>,
    #[metric]
    field_73: Option<f64>,
    #[metric]
    field_74: Option<f64>,
    #[metric]
    field_75: Option<f64>,
    #[metric]
    field_76: Option<f64>,
    #[metric]
    field_77: Option<f64>,
    #[metric]
    field_78: Option<f64>,
    #[metric]
    field_79: Option<f64>,
    #[metric]
    field_80: Option<f64>,
    #[metric]
    field_81: Option<f64>,
    #[metric]
    field_82: Option<f64>,
    #[metric]
    field_83: Option<f64>,
    #[metric]
    field_84: Option<f64>,
    #[metric]
    field_85: Option<f64>,
    #[metric]
    field_86: Option<f64>,
    #[metric]
    field_87: Option<f64>,
    #[metric]
    field_88: Option<f64>,
    #[metric]
    field_89: Option<f64>,
    #[metric]
    field_90: Option<f64>,
    #[metric]
    field_91: Option<f64>,
    #[metric]
    field_92: Option<f64>,
    #[metric]
    field_93: Option<f64>,
    #[metric]
    field_94: Option<f64>,
    #[metric]
    field_95: Option<f64>,
    #[metric]
    field_96: Option<f64>,
    #[metric]
    field_97: Option<f64>,
    #[metric]
    field_98: Option<f64>,
    #[metric]
    field_99: Option<f64>,
    #[metric]
    field_100: Option<f64>,
    #[metric]
    field_101: Option<f64>,
    #[metric]
    field_102: Option<f64>,
    #[metric]
    field_103: Option<f64>,
    #[metric]
    field_104: Option<f64>,
    #[metric]
    field_105: Option<f64>,
    #[metric]
    field_106: Option<f64>,
    #[metric]
    field_107: Option<f64>,
    #[metric]
    field_108: Option<f64>,
    #[metric]
    field_109: Option<f64>,
    #[metric]
    field_110: Option<f64>,
    #[metric]
    field_111: Option<f64>,
    #[metric]
    field_112: Option<f64>,
    #[metric]
    field_113: Option<f64>,
    #[metric]
    field_114: Option<f64>,
    #[metric]
    field_115: Option<f64>,
    #[metric]
    field_116: Option<f64>,
    #[metric]
    field_117: Option<f64>,
    #[metric]
    field_118: Option<f64>,
    #[metric]
    field_119: Option<f64>,
    #[metric]
    field_120: Option<f64>,
    #[metric]
    field_121: Option<f64>,
    #[metric]
    field_122: Option<f64>,
    #[metric]
    field_123: Option<f64>,
    #[metric]
    field_124: Option<f64>,
    #[metric]
    field_125: Option<f64>,
    #[metric]
    field_126: Option<f64>,
    #[metric]
    field_127: Option<f64>,
    #[metric]
    field_128: Option<f64>,
    #[metric]
    field_129: Option<f64>,
    #[metric]
    field_130: Option<f64>,
    #[metric]
    field_131: Option<f64>,
    #[metric]
    field_132: Option<f64>,
    #[metric]
    field_133: Option<f64>,
    #[metric]
    field_134: Option<f64>,
    #[metric]
    field_135: Option<f64>,
    #[metric]
    field_136: Option<f64>,
    #[metric]
    field_137: Option<f64>,
    #[metric]
    field_138: Option<f64>,
    #[metric]
    field_139: Option<f64>,
    #[metric]
    field_140: Option<f64>,
    #[metric]
    field_141: Option<f64>,
    #[metric]
    field_142: Option<f64>,
    #[metric]
    field_143: Option<f64>,
    #[metric]
    field_144: Option<f64>,
    #[metric]
    field_145: Option<f64>,
    #[metric]
    field_146: Option<f64>,
    #[metric]
    field_147: Option<f64>,
    #[metric]
    field_148: Option<f64>,
    #[metric]
    field_149: Option<f64>,
    #[metric]
    field_150: Option<f64>,
    #[metric]
    field_151: Option<f64>,
    #[metric]
    field_152: Option<f64>,
    #[metric]
    field_153: Option<f64>,
    #[metric]
    field_154: Option<f64>,
    #[metric]
    field_155: Option<f64>,
    #[metric]
    field_156: Option<f64>,
    #[metric]
    field_157: Option<f64>,
    #[metric]
    field_158: Option<f64>,
    #[metric]
    field_159: Option<f64>,
    #[metric]
    field_160: Option<f64>,
    #[metric]
    field_161: Option<f64>,
    #[metric]
    field_162: Option<f64>,
    #[metric]
    field_163: Option<f64>,
    #[metric]
    field_164: Option<f64>,
    #[metric]
    field_165: Option<f64>,
    #[metric]
    field_166: Option<f64>,
    #[metric]
    field_167: Option<f64>,
    #[metric]
    field_168: Option<f64>,
    #[metric]
    field_169: Option<f64>,
    #[metric]
    field_170: Option<f64>,
    #[metric]
    field_171: Option<f64>,
    #[metric]
    field_172: Option<f64>,
    #[metric]
    field_173: Option<f64>,
    #[metric]
    field_174: Option<f64>,
    #[metric]
    field_175: Option<f64>,
    #[metric]
    field_176: Option<f64>,
    #[metric]
    field_177: Option<f64>,
    #[metric]
    field_178: Option<f64>,
    #[metric]
    field_179: Option<f64>,
    #[metric]
    field_180: Option<f64>,
    #[metric]
    field_181: Option<f64>,
    #[metric]
    field_182: Option<f64>,
    #[metric]
    field_183: Option<f64>,
    #[metric]
    field_184: Option<f64>,
    #[metric]
    field_185: Option<f64>,
    #[metric]
    field_186: Option<f64>,
    #[metric]
    field_187: Option<f64>,
    #[metric]
    field_188: Option<f64>,
    #[metric]
    field_189: Option<f64>,
    #[metric]
    field_190: Option<f64>,
    #[metric]
    field_191: Option<f64>,
    #[metric]
    field_192: Option<f64>,
    #[metric]
    field_193: Option<f64>,
    #[metric]
    field_194: Option<f64>,
    #[metric]
    field_195: Option<f64>,
    #[metric]
    field_196: Option<f64>,
    #[metric]
    field_197: Option<f64>,
    #[metric]
    field_198: Option<f64>,
    #[metric]
    field_199: Option<f64>,
}

#[derive(Default, MetricCollector)]
struct Twice {
    #[metric(flatten(prefix = "front"))]
    front: Many,
    #[metric(flatten(prefix = "rear"))]
    rear: Many,
}

fn main() {
    assert_eq!(Twice::SCHEMA.len(), 400);
    Family::<Twice>::new().member([]).set(Twice::default());
}
