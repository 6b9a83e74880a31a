"""Questions and passages in eleven languages and scripts, and edits of them."""

from typing import NamedTuple


class Text(NamedTuple):
    original: str
    word: tuple[str, str]  # one that is changed, and into what
    clause: str  # that is added at the end

    def edits(self) -> dict[str, str]:
        """How a copy may differ: in nothing that counts, or a little."""
        assert self.original.count(self.word[0]) == 1
        return {
            "same": self.original,
            "punctuation": f"«{self.original.rstrip('.?。？؟।')}» …!".replace(" ", " \u00a0 "),
            "case": self.original.upper(),
            "word": self.original.replace(*self.word),
            "clause": self.original.rstrip(".?。？؟।;") + self.clause,
        }


EXACT = ("same", "punctuation", "case")  # of the edits
QUESTIONS = {
    "ar": Text(
        "في أي مدينة قديمة بُني أول مصنع كبير للورق على ضفة النهر ومتى بدأ العمل فيه؟", ("كبير", "صغير"), " حقًا؟"
    ),
    "de": Text(
        "In welcher Stadt am Fluss wurde die erste Papiermühle des Landes gebaut und wann begann dort die Arbeit?",
        ("erste", "dritte"),
        " Weiß man das?",
    ),
    "el": Text(
        "Σε ποια πόλη δίπλα στο ποτάμι χτίστηκε το πρώτο εργοστάσιο χαρτιού και πότε άρχισε η δουλειά εκεί;",
        ("πρώτο", "τρίτο"),
        " Το ξέρει κανείς;",
    ),
    "en": Text(
        "In which town by the river was the first paper mill of the country built, and when did work begin there?",
        ("first", "third"),
        " Does anyone know?",
    ),
    "es": Text(
        "¿En qué ciudad junto al río se construyó la primera fábrica de papel del país y cuándo comenzó el trabajo?",
        ("primera", "segunda"),
        " ¿Se sabe?",
    ),
    "hi": Text(
        "नदी के किनारे किस शहर में देश का पहला कागज़ का कारखाना बनाया गया था और वहाँ काम कब शुरू हुआ?",
        ("पहला", "नया"),
        " क्या पता है?",
    ),
    "ru": Text(
        "В каком городе у реки была построена первая бумажная фабрика страны и когда там началась работа?",
        ("первая", "вторая"),
        " Известно ли это?",
    ),
    "th": Text(
        "โรงงานกระดาษแห่งแรกของประเทศถูกสร้างขึ้นในเมืองใดริมแม่น้ำและเริ่มทำงานเมื่อใด",
        ("แรก", "ใหม่"),
        "มีใครรู้บ้าง",
    ),
    "tr": Text(
        "Ülkenin ilk kâğıt fabrikası nehir kıyısındaki hangi ılıman şehirde kuruldu ve İzmir'den önce mi çalıştı?",
        ("ılıman", "güzel"),
        " Biliniyor mu?",
    ),
    "vi": Text(
        "Nhà máy giấy đầu tiên của đất nước được xây dựng ở thành phố nào bên bờ sông và bắt đầu hoạt động khi nào?",
        ("nước", "làng"),
        " Có ai biết không?",
    ),
    "zh": Text(
        "这个国家的第一座造纸厂建在河边的哪一座城市，它又是从哪一年开始生产纸张的？", ("城市", "小镇"), "有谁知道？"
    ),
}
PASSAGES = {
    "ar": Text(
        "قضى الصياد العجوز ثلاثين عامًا في البحر قبل أن يعود إلى قريته الصغيرة ويفتح متجرًا لبيع الشباك والقوارب.",
        ("ثلاثين", "خمسين"),
        " وكان سعيدًا بذلك.",
    ),
    "de": Text(
        "Der alte Fischer verbrachte dreißig Jahre auf See, bevor er in sein Dorf zurückkehrte und Netze verkaufte.",
        ("dreißig", "vierzig"),
        ", was ihm sehr gefiel.",
    ),
    "el": Text(
        "Ο γέρος ψαράς πέρασε τριάντα χρόνια στη θάλασσα πριν γυρίσει στο χωριό του και ανοίξει ένα μαγαζί με δίχτυα.",
        ("τριάντα", "σαράντα"),
        " και ήταν ευτυχισμένος.",
    ),
    "en": Text(
        "The old fisherman spent thirty years at sea before he returned to his village and opened a shop for nets.",
        ("thirty", "twenty"),
        ", which pleased him.",
    ),
    "es": Text(
        "El viejo pescador pasó treinta años en el mar antes de volver a su pueblo y abrir una tienda de redes.",
        ("treinta", "cuarenta"),
        ", y estaba contento.",
    ),
    "hi": Text(
        "बूढ़े मछुआरे ने अपने गाँव लौटकर जालों की दुकान खोलने से पहले तीस साल समुद्र में बिताए और कई देश देखे।",
        ("तीस", "बीस"),
        " और वह बहुत खुश था।",
    ),
    "ru": Text(
        "Старый рыбак провёл в море тридцать лет, прежде чем вернулся в свою деревню и открыл лавку с сетями.",
        ("тридцать", "двадцать"),
        ", чему был очень рад.",
    ),
    "th": Text(
        "ชาวประมงชราใช้เวลาสามสิบปีในทะเลก่อนที่จะกลับไปยังหมู่บ้านของเขาและเปิดร้านขายแหและเรือ",
        ("สามสิบ", "ยี่สิบ"),
        "ซึ่งทำให้เขามีความสุข",
    ),
    "tr": Text(
        "Yaşlı balıkçı, köyüne dönüp ağ ve kayık satan bir dükkân açmadan önce denizde otuz ıssız yıl geçirdi.",
        ("otuz", "kırk"),
        " ve buna çok sevindi.",
    ),
    "vi": Text(
        "Người ngư dân già đã trải qua ba mươi năm trên biển trước khi trở về làng và mở một cửa hàng bán lưới.",
        ("mươi", "trăm"),
        ", điều đó làm ông vui.",
    ),
    "zh": Text(
        "老渔夫在海上度过了三十年，然后回到自己的村庄，开了一家卖渔网和小船的商店，生意一直很好。",
        ("三十", "四十"),
        "他非常高兴。",
    ),
}
UNRELATED = {
    "ar": ["تنمو أشجار الزيتون ببطء ولكنها قد تعيش مئات السنين.", "وصل القطار متأخرًا بسبب الثلوج الكثيفة على الجبال."],
    "de": [
        "Ölbäume wachsen langsam, werden aber Hunderte von Jahren alt.",
        "Der Zug kam wegen des Schnees zu spät an.",
    ],
    "el": [
        "Οι ελιές μεγαλώνουν αργά αλλά ζουν εκατοντάδες χρόνια.",
        "Το τρένο έφτασε αργά εξαιτίας του χιονιού στα βουνά.",
    ],
    "en": [
        "Olive trees grow slowly but can live for hundreds of years.",
        "The train was late because of the heavy snow.",
    ],
    "es": [
        "Los olivos crecen despacio, pero viven cientos de años.",
        "El tren llegó tarde a causa de la nieve en los montes.",
    ],
    "hi": ["जैतून के पेड़ धीरे बढ़ते हैं लेकिन सैकड़ों साल जीवित रहते हैं।", "पहाड़ों पर बर्फ के कारण रेलगाड़ी देर से पहुँची।"],
    "ru": ["Оливы растут медленно, но живут сотни лет.", "Поезд опоздал из-за сильного снега в горах и метели."],
    "th": ["ต้นมะกอกโตช้าแต่มีชีวิตอยู่ได้หลายร้อยปี", "รถไฟมาถึงช้าเพราะหิมะตกหนักบนภูเขา"],
    "tr": ["Zeytin ağaçları yavaş büyür ama yüzlerce yıl yaşar.", "Tren dağlardaki yoğun kar yüzünden geç geldi."],
    "vi": ["Cây ô liu lớn chậm nhưng có thể sống hàng trăm năm.", "Tàu đến muộn vì tuyết rơi dày trên những ngọn núi."],
    "zh": ["橄榄树长得很慢，但可以活好几百年。", "由于山上下了大雪，火车很晚才到达车站。"],
}
LANGUAGES = tuple(QUESTIONS)
