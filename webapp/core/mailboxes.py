"""Well-known mail domains and shared mailboxes. Data only; small letters."""

FREE = frozenset(
    """
    126.com 163.com 1und1.de abv.bg aim.com alice.it aol.com aol.de arcor.de att.net bellsouth.net
    bigpond.com bk.ru bluewin.ch bol.com.br btinternet.com btopenworld.com centrum.cz charter.net
    chello.at comcast.net cox.net daum.net duck.com earthlink.net email.cz email.de fastmail.com
    fastmail.fm free.fr freemail.hu freenet.de gawab.com gmail.com gmx.at gmx.ch gmx.com gmx.de
    gmx.eu gmx.fr gmx.net gmx.org googlemail.com hanmail.net hey.com hotmail.be hotmail.ca
    hotmail.ch hotmail.co.uk hotmail.com hotmail.com.br hotmail.de hotmail.es hotmail.fr hotmail.it
    hotmail.nl hushmail.com icloud.com inbox.com inbox.lv inbox.ru interia.pl juno.com kabelmail.de
    laposte.net libero.it list.ru live.at live.ca live.cn live.co.uk live.com live.de live.fr
    live.it live.nl mac.com magenta.de mail.com mail.de mail.ee mail.ru mailbox.org mailfence.com
    me.com msn.com naver.com netcologne.de netscape.net ntlworld.com o2.pl onet.pl online.de
    optonline.net orange.fr outlook.at outlook.be outlook.com outlook.com.br outlook.de outlook.es
    outlook.fr outlook.ie outlook.it outlook.jp planet.nl pm.me posteo.de posteo.net proton.me
    protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com rogers.com
    runbox.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com skynet.be sohu.com
    swissonline.ch sympatico.ca t-online.de talktalk.net telenet.be telus.net terra.com.br
    tiscali.co.uk tiscali.it tuta.com tuta.io tutamail.com tutanota.com tutanota.de ukr.net
    uol.com.br verizon.net virgilio.it virgin.net virginmedia.com vodafone.de vodafonemail.de
    voila.fr wanadoo.fr web.de windowslive.com wp.pl xtra.co.nz ya.ru yahoo.at yahoo.ca yahoo.cn
    yahoo.co.id yahoo.co.in yahoo.co.jp yahoo.co.kr yahoo.co.nz yahoo.co.uk yahoo.com yahoo.com.ar
    yahoo.com.au yahoo.com.br yahoo.com.mx yahoo.com.sg yahoo.de yahoo.dk yahoo.es yahoo.fr
    yahoo.gr yahoo.ie yahoo.in yahoo.it yahoo.nl yahoo.no yahoo.pl yahoo.se yandex.com yandex.ru
    yeah.net ymail.com zeelandnet.nl ziggo.nl zoho.com zohomail.com zohomail.eu
    """.split()
)

# Only the best known; where the longer list is installed it is passed in.
DISPOSABLE = frozenset(
    """
    10minutemail.com 10minutemail.net 20minutemail.com anonbox.net byom.de discard.email
    discardmail.com discardmail.de dispostable.com dropmail.me emailondeck.com fakeinbox.com
    fakemail.net getairmail.com getnada.com grr.la guerrillamail.com guerrillamail.de
    guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com inboxkitten.com
    jetable.org kurzepost.de mailcatch.com maildrop.cc mailinator.com mailinator.net mailnesia.com
    mailnull.com mailsac.com mailtothis.com meltmail.com mintemail.com moakt.com mohmal.com
    mytemp.email mytrashmail.com nada.email nospamfor.us objectmail.com proxymail.eu rcpt.at
    sharklasers.com sofort-mail.de sogetthis.com spam4.me spambog.com spambog.de spambox.us
    spamex.com spamfree24.org spamgourmet.com spamherelots.com temp-mail.io temp-mail.org
    tempail.com tempinbox.com tempmail.com tempmail.de tempmail.dev tempmailo.com tempr.email
    thankyou2010.com throwawaymail.com trash-mail.com trash-mail.de trashmail.com trashmail.de
    trashmail.net trashmail.org trbvm.com wegwerfmail.de wegwerfmail.net wegwerfmail.org
    yopmail.com yopmail.fr yopmail.net zehnminutenmail.de
    """.split()
)

ROLES = frozenset(
    """
    abuse accounting accounts admin administration admissions anfrage anfragen bewerbung billing
    booking bookings buchhaltung buero careers ceo-office compliance contact contacts
    customer-service customerservice datenschutz desk dispatch einkauf empfang enquiries enquiry
    events export feedback finance finanzen frontdesk gdpr geschaeftsfuehrung hallo hello help
    helpdesk hi hostmaster hr impressum info information inquiries inquiry invest investors invoice
    invoices invoicing it it-support jobs karriere kontakt kundenservice leads legal logistics mail
    mailbox management marketing media members membership moin newsletter no-reply noreply office
    operations ops order orders partner partners partnerships payroll personal post postmaster pr
    press presse privacy procurement projects purchase purchasing reception rechnung rechnungen
    recruiting recruitment request returns root sales security sekretariat service services shop
    spam store studio subscribe success support sysadmin team tech technik termine verkauf vertrieb
    verwaltung webmaster welcome zentrale
    """.split()
)
