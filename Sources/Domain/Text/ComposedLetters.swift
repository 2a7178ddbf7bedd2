/// The letters that canonical composition yields, as far as folding leaves them as they are: each
/// is one code point here and equals its base letter followed by its marks, because the standard
/// library compares canonically. (Unicode 14.0.0; later versions add letters of rare scripts only.)
let composedLetters = Set<Character>(
  ("àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏő"
    + "ŕŗřśŝşšţťũūŭůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǣǧǩǫǭǯǰǵǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧ"
    + "ȩȫȭȯȱȳḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫ"
    + "ṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕẖẗẘẙạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụ"
    + "ủứừửữựỳỵỷỹ"
    + "ΐάέήίΰϊϋόύώϓϔйѐёѓїќѝўѷӂӑӓӗӛӝӟӣӥӧӫӭӯӱӳӵӹἀἁἂἃἄἅἆἇἐἑἒἓἔἕἠἡἢἣἤἥἦ"
    + "ἧἰἱἲἳἴἵἶἷὀὁὂὃὄὅὐὑὒὓὔὕὖὗὠὡὢὣὤὥὦὧὰὲὴὶὸὺὼᾰᾱᾶῆῐῑῒῖῗῠῡῢῤῥῦῧῶ"
    + "がぎぐげござじずぜぞだぢづでどばぱびぴぶぷべぺぼぽゔゞガギグゲゴザジズゼゾダヂヅデドバパビピブプベペボポヴヷヸヹヺヾ"
    + "\u{622}\u{623}\u{624}\u{625}\u{626}\u{6C0}\u{6C2}\u{6D3}\u{929}\u{931}"
    + "\u{934}\u{B94}\u{1026}\u{1B06}\u{1B08}\u{1B0A}\u{1B0C}\u{1B0E}\u{1B12}"
    + "\u{1109A}\u{1109C}\u{110AB}\u{9CB}\u{9CC}\u{B48}\u{B4B}\u{B4C}\u{BCA}\u{BCB}"
    + "\u{BCC}\u{C48}\u{CC0}\u{CC7}\u{CC8}\u{CCA}\u{CCB}\u{D4A}\u{D4B}\u{D4C}"
    + "\u{DDA}\u{DDC}\u{DDD}\u{DDE}\u{1B3B}\u{1B3D}\u{1B40}\u{1B41}\u{1B43}\u{1112E}"
    + "\u{1112F}\u{1134B}\u{1134C}\u{114BB}\u{114BC}\u{114BE}\u{115BA}\u{115BB}"
    + "\u{11938}").unicodeScalars.lazy.map { Character($0) })
