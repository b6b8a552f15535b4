// The elements of the document vocabularies (DocBook, JATS, DITA, TEI) that need a rule of their own. One table serves
// all of them: where two share a name they mean the same by it.

const words = (names: string): ReadonlySet<string> => new Set(names.split(" "));

/** Elements that hold a title which heads all of them, unless they are one of `captioned`. */
export const titleElements = words("title article-title book-title head");

/** What has a title that is a caption: it names the figure, and heads no section. */
export const captioned = words(
  "table informaltable figure example informalexample equation formalpara note warning tip caution important blockquote"
    .concat(
      " procedure itemizedlist orderedlist variablelist simplelist calloutlist segmentedlist caption fig table-wrap",
    )
    .concat(
      " biblioentry bibliomixed biblioset citation mixed-citation element-citation ref list boxed-text lg msg cn",
    ),
);

/** Wrappers around a title: it heads what is around them. */
export const titleWrappers = words(
  "info bookinfo articleinfo chapterinfo sectioninfo sect1info sect2info sect3info sect4info sect5info prefaceinfo"
    .concat(" appendixinfo partinfo setinfo refentryinfo refmeta refnamediv referenceinfo titlegroup title-group front")
    .concat(" article-meta front-stub titlestmt filedesc teiheader titlepage topicmeta prolog title-info description"),
);

/** Elements whose white space is the text's own. */
export const preformatted = words(
  "programlisting screen literallayout synopsis cmdsynopsis-raw codeblock pre preformat code-block msgblock lines screenco".concat(
    " programlistingco funcsynopsisinfo classsynopsisinfo source",
  ),
);

/** Paragraphs and what is set apart like one. */
export const paragraphs = words(
  "para simpara p formalpara blockquote disp-quote note warning tip caution important example figure fig equation"
    .concat(
      " disp-formula table table-wrap informaltable itemizedlist orderedlist variablelist ul ol dl list section sec sect1",
    )
    .concat(
      " sect2 sect3 sect4 sect5 chapter appendix preface part article book refentry refsect1 refsect2 refsect3 topic",
    )
    .concat(
      " concept task reference body conbody taskbody refbody shortdesc abstract div div1 div2 div3 lg sp quote-block",
    )
    .concat(" programlisting screen literallayout codeblock pre preformat record item entry-record"),
);

/** Parts of a running sentence, also where nothing but them is in their parent. */
export const inline = words(
  "emphasis emph hi b i u em strong italic bold sc sup sub superscript subscript monospace roman underline quote q literal"
    .concat(
      " code filename command option replaceable userinput computeroutput varname envar constant function parameter",
    )
    .concat(
      " type classname methodname interfacename structname structfield symbol token keycap keysym keycombo guibutton",
    )
    .concat(
      " guiicon guilabel guimenu guimenuitem guisubmenu menuchoice mousebutton application productname acronym abbrev",
    )
    .concat(
      " firstterm glossterm foreignphrase wordasword phrase link ulink xref citetitle email uri trademark tt ph keyword",
    )
    .concat(
      " codeph filepath varname cmdname apiname parmname wintitle uicontrol menucascade term-inline styled-content named-content",
    )
    .concat(
      " ext-link inline-formula tex-math a span small big date surname firstname given-names personname name-part prefix suffix",
    )
    .concat(" foreign ref rs persname placename num ptr anchor mn mi mo mtext msup msub mrow mfrac math"),
);

/** No text of the document: marks for an index, machine data, styles. */
export const leftOut = words(
  "indexterm index-term script style object-id journal-id processing-meta custom-meta-group",
);

export const rowElements = words("row tr strow sthead");
export const cellElements = words("entry td th stentry cell");
